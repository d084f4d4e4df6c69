//! Files of secrets at rest.
//!
//! On every system the file and its folder are private to the system. Windows seals the content as well, with a key that
//! belongs to the machine: a copy of the file is worthless elsewhere. Linux and macOS offer a daemon no such key without
//! hardware; there the file's mode, 0600, is the protection.

use std::io;
use std::path::Path;

use gururmm_fsx::{FileError, PRIVATE_FILE, read_private_if_exists, write_atomically};

use crate::Unsupported;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

/// How secrets are protected here, for a person.
pub const MECHANISM: &str = platform::MECHANISM;

/// Whether the system seals the content of the file, so that a copy of it is worthless.
pub fn seal_support() -> Result<(), Unsupported> {
    platform::seal_support()
}

/// Replaces the file, sealed where the system can.
pub fn write(path: &Path, secret: &[u8]) -> Result<(), FileError> {
    let sealed = platform::seal(secret).map_err(|source| FileError::new("could not seal", path, source))?;
    write_atomically(path, &sealed, PRIVATE_FILE)
}

/// Reads the file; `None` when it does not exist. One that another machine sealed cannot be opened.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let Some(bytes) = read_private_if_exists(path)? else { return Ok(None) };
    let opened: io::Result<Vec<u8>> = platform::open(bytes);
    opened.map(Some).map_err(|source| FileError::new("could not open the seal of", path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        assert!(read(&path).unwrap().is_none());
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some(&b"two"[..]));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        write(&path, b"secret").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
