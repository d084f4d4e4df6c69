//! The machine lock: one running agent per state folder.
//!
//! The lock belongs to the open file, so the system frees it when its holder dies, however that happens.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use gururmm_fsx::{FileError, make_private};

const POLL: Duration = Duration::from_millis(20);

/// Held for as long as this lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the lock, or `None` when another process holds it.
pub fn acquire(path: &Path) -> Result<Option<Lock>, FileError> {
    make_private(path)?;
    let opened = File::options().write(true).open(path);
    let file = opened.map_err(|source| FileError::new("could not open", path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(FileError::new("could not lock", path, source)),
    }
}

/// Takes the lock, or `None` when another process holds it for all of `patience`: who only looks whether the agent runs
/// takes it for a moment.
pub fn acquire_within(path: &Path, patience: Duration) -> Result<Option<Lock>, FileError> {
    let deadline = Instant::now() + patience;
    loop {
        let lock = acquire(path)?;
        if lock.is_some() || Instant::now() >= deadline {
            return Ok(lock);
        }
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_held_for_a_moment_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.lock");
        let moment = acquire(&path).unwrap();
        assert!(acquire_within(&path, Duration::ZERO).unwrap().is_none());
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || acquire_within(&path, Duration::from_mins(1)).unwrap()
        });
        // who does not wait has failed by the end of this
        assert!(acquire_within(&path, 5 * POLL).unwrap().is_none());
        drop(moment);
        assert!(waiting.join().unwrap().is_some());
    }

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
