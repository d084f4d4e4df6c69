//! SHA-256 of files, computed once for each version of a file.
//!
//! Anybody may ask for a sum, and asking costs nothing; computing one reads the whole program. A version is told apart by
//! path, time of change and size, as the open file itself has them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

const CHUNK: usize = 64 * 1024;

/// The sums known so far: one per path, so there are never more than there are programs.
#[derive(Debug, Default)]
pub(super) struct Sums(Mutex<HashMap<PathBuf, (Version, String)>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    changed: SystemTime,
    size: u64,
}

impl Version {
    async fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata().await?;
        Ok(Self { changed: metadata.modified()?, size: metadata.len() })
    }
}

impl Sums {
    /// The SHA-256 of the file opened at `path`, in hexadecimal digits.
    pub(super) async fn get(&self, path: &Path, mut file: File) -> io::Result<String> {
        let version = Version::of(&file).await?;
        if let Some((known, sum)) = self.0.lock().get(path)
            && *known == version
        {
            return Ok(sum.clone());
        }
        let sum = sha256(&mut file).await?;
        // a file that was written to meanwhile has a sum of neither version
        if Version::of(&file).await? == version {
            self.0.lock().insert(path.to_owned(), (version, sum.clone()));
        }
        Ok(sum)
    }
}

async fn sha256(file: &mut File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = file.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        write!(text, "{byte:02x}").ok();
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SUM_OF_ONE: &str = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
    const SUM_OF_TWO: &str = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";

    /// Writes a file as of a number of seconds after 1970.
    fn write(path: &Path, text: &str, changed: u64) {
        std::fs::write(path, text).unwrap();
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(changed)).unwrap();
    }

    #[tokio::test]
    async fn a_sum_is_computed_once_for_each_version_of_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("program");
        let sums = Sums::default();
        let sum = async || sums.get(&path, File::open(&path).await.unwrap()).await.unwrap();
        write(&path, "one", 1_000_000_000);
        assert_eq!(sum().await, SUM_OF_ONE);
        write(&path, "two", 1_000_000_000);
        assert_eq!(sum().await, SUM_OF_ONE, "the same time and size: not read again");
        write(&path, "two", 1_000_000_001);
        assert_eq!(sum().await, SUM_OF_TWO);
        write(&path, "one ", 1_000_000_001);
        assert_ne!(sum().await, SUM_OF_TWO);
        let other = dir.path().join("other");
        write(&other, "one", 1_000_000_001);
        assert_eq!(sums.get(&other, File::open(&other).await.unwrap()).await.unwrap(), SUM_OF_ONE);
    }
}
