//! What a running agent says of itself: a small file that `status` reads, so that it works without the agent's help.

use std::path::{Path, PathBuf};

use gururmm_fsx::{PRIVATE_FILE, read_if_exists, write_for_now};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) agent_version: String,
    pub(crate) process_id: u32,
    /// How command trees are held.
    #[serde(default)]
    pub(crate) containment: String,
    #[serde(default)]
    pub(crate) connected_since: Option<Timestamp>,
    #[serde(default)]
    pub(crate) last_error: Option<String>,
    #[serde(default)]
    pub(crate) last_error_at: Option<Timestamp>,
}

/// Keeps the file up to date.
pub(crate) struct StatusFile {
    path: PathBuf,
    kept: Mutex<Kept>,
}

struct Kept {
    status: Status,
    /// What the file says.
    written: Status,
}

/// An error that goes on is not written anew sooner than after this.
const REPEAT: SignedDuration = SignedDuration::from_mins(5);

impl StatusFile {
    /// Writes the first content.
    pub(crate) fn start(path: PathBuf, containment: &str) -> Self {
        let status = Status {
            agent_version: crate::version::VERSION.to_owned(),
            process_id: std::process::id(),
            containment: containment.to_owned(),
            ..Status::default()
        };
        let file = Self { path, kept: Mutex::new(Kept { status, written: Status::default() }) };
        file.change(|_| {});
        file
    }

    /// Changes, and writes what a reader would see change. A status that cannot be written is no reason to stop working.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Status)) {
        let mut kept = self.kept.lock();
        change(&mut kept.status);
        if is_same(&kept.status, &kept.written) {
            return;
        }
        let json = serde_json::to_vec_pretty(&kept.status).unwrap_or_default();
        match write_for_now(&self.path, &json, PRIVATE_FILE) {
            Ok(()) => kept.written = kept.status.clone(),
            Err(error) => {
                tracing::warn!(error = %gururmm_observe::ErrorChain(&error), "could not write the status file");
            }
        }
    }
}

/// Whether they tell the same, but for an error that was seen again a moment later.
fn is_same(new: &Status, written: &Status) -> bool {
    let age = match (new.last_error_at, written.last_error_at) {
        (Some(new), Some(written)) => new.duration_since(written).abs(),
        _ => SignedDuration::ZERO,
    };
    age < REPEAT && Status { last_error_at: written.last_error_at, ..new.clone() } == *written
}

/// Reads the file; `None` when it is missing or damaged.
pub(crate) fn load(path: &Path) -> Option<Status> {
    serde_json::from_slice(&read_if_exists(path).ok()??).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_goes_on_is_written_now_and_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status.json");
        let file = StatusFile::start(path.clone(), "none");
        assert_eq!(load(&path).unwrap().containment, "none");
        let fail = |second: i64, why: &str| {
            file.change(|status| {
                status.last_error = Some(why.to_owned());
                status.last_error_at = Some(Timestamp::from_second(second).unwrap());
            });
            load(&path).unwrap().last_error_at.unwrap().as_second()
        };
        assert_eq!(fail(1000, "no route"), 1000);
        assert_eq!(fail(1020, "no route"), 1000);
        assert_eq!(fail(1040, "refused"), 1040);
        assert_eq!(fail(1060, "refused"), 1040);
        assert_eq!(fail(1340, "refused"), 1340);
    }
}
