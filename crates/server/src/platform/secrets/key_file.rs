//! A file with a key of the server, such as the one that seals its secrets: 32 bytes in base64url, private.

use std::fmt;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_fsx::{FileError, PRIVATE_FILE, read_if_exists, write_atomically};

use crate::platform::random;

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It holds something else.
    #[error("{0} is no key of a server: 43 characters of base64url are expected")]
    Malformed(KeyFile),
}

/// Where the key lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile(PathBuf);

impl KeyFile {
    /// The file at `path`.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The key; none when there is no file.
    pub fn read(&self) -> Result<Option<[u8; 32]>, KeyFileError> {
        let Some(text) = read_if_exists(&self.0)? else { return Ok(None) };
        let key = std::str::from_utf8(&text).ok().and_then(|text| URL_SAFE_NO_PAD.decode(text.trim()).ok());
        let key = key.and_then(|key| key.try_into().ok());
        key.map(Some).ok_or_else(|| KeyFileError::Malformed(self.clone()))
    }

    /// Whether nobody but its owner may read it, as far as there is one.
    pub fn is_private(&self) -> bool {
        std::fs::metadata(&self.0).is_ok_and(|found| found.permissions().mode() & 0o777 & !PRIVATE_FILE == 0)
    }

    /// Makes a new key. Its folder is made too, where there is none yet.
    pub fn create(&self) -> Result<[u8; 32], KeyFileError> {
        if let Some(folder) = self.0.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| FileError::new("could not make the folder of", &self.0, source))?;
        }
        let key = random::bytes();
        write_atomically(&self.0, format!("{}\n", URL_SAFE_NO_PAD.encode(key)).as_bytes(), PRIVATE_FILE)?;
        Ok(key)
    }
}

impl fmt::Display for KeyFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_is_private_and_nothing_else_is_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/server-key");
        let file = KeyFile::at(path.clone());
        assert_eq!(file.read().unwrap(), None);
        let key = file.create().unwrap();
        assert_eq!(file.read().unwrap(), Some(key));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for wrong in ["", "abc", &"0".repeat(42), &"x".repeat(64), "\u{ff}"] {
            std::fs::write(&path, wrong).unwrap();
            assert!(file.read().unwrap_err().to_string().contains("43 characters"), "{wrong}");
        }
    }
}
