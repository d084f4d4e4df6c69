//! The machine lock: one running agent per state folder.
//!
//! The lock belongs to the open file, so the system frees it when its holder dies, however that happens.

use std::fs::{File, TryLockError};
use std::path::Path;

use gururmm_fsx::FileError;

/// Held for as long as this lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the lock, or `None` when another process holds it.
pub fn acquire(path: &Path) -> Result<Option<Lock>, FileError> {
    let opened = File::options().create(true).truncate(false).write(true).open(path);
    let file = opened.map_err(|source| FileError::new("could not open", path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(FileError::new("could not lock", path, source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.lock");
        let first = acquire(&path).unwrap();
        assert!(first.is_some());
        assert!(acquire(&path).unwrap().is_none());
        drop(first);
        assert!(acquire(&path).unwrap().is_some());
    }
}
