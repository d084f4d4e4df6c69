//! Ballast: room on the disk that is held while there is plenty and given up when the disk is full, so that the agent still
//! takes the orders by which somebody makes room.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gururmm_fsx::{FileError, PRIVATE_FILE, remove_if_exists, write_atomically};

/// Bytes: thousands of remembered ids and their results.
pub(super) const SIZE: usize = 1024 * 1024;

/// Between attempts to get it back.
const PAUSE: Duration = Duration::from_mins(10);

pub(super) struct Ballast {
    path: PathBuf,
    is_held: bool,
    tried: Option<Instant>,
}

impl Ballast {
    /// The ballast of the database at `database`.
    pub(super) fn of(database: &Path) -> Self {
        let path = file(database);
        Self { is_held: path.exists(), path, tried: None }
    }

    /// Gives it up; returns whether there was any.
    pub(super) fn release(&mut self) -> bool {
        // removing needs no room
        let is_released = self.is_held && fs::remove_file(&self.path).is_ok();
        self.is_held = false;
        self.tried = Some(Instant::now());
        is_released
    }

    /// Holds it again, unless the disk was full a moment ago.
    pub(super) fn hold(&mut self) {
        if self.is_held || self.tried.is_some_and(|tried| tried.elapsed() < PAUSE) {
            return;
        }
        self.tried = Some(Instant::now());
        match write_atomically(&self.path, &noise(), PRIVATE_FILE) {
            Ok(()) => self.is_held = true,
            Err(error) => {
                tracing::warn!(error = %gururmm_observe::ErrorChain(&error), "no room is held for a full disk");
            }
        }
    }
}

/// Removes it with the database that it belongs to.
pub(super) fn remove(database: &Path) -> Result<(), FileError> {
    remove_if_exists(&file(database))
}

fn file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".ballast");
    PathBuf::from(name)
}

/// Bytes that no file system makes smaller.
fn noise() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    });
    words.take(SIZE / 8).flat_map(u64::to_ne_bytes).collect()
}
