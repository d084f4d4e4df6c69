//! What a running agent says of itself: a small file that `status` reads, so that it works without the agent's help.

use std::path::{Path, PathBuf};

use gururmm_fsx::{PRIVATE_FILE, read_if_exists, write_atomically};
use jiff::Timestamp;
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
    status: Mutex<Status>,
}

impl StatusFile {
    /// Writes the first content.
    pub(crate) fn start(path: PathBuf, containment: &str) -> Self {
        let status = Status {
            agent_version: crate::version::VERSION.to_owned(),
            process_id: std::process::id(),
            containment: containment.to_owned(),
            ..Status::default()
        };
        let file = Self { path, status: Mutex::new(status) };
        file.change(|_| {});
        file
    }

    /// Changes and writes. A status that cannot be written is no reason to stop working.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.status.lock();
        change(&mut status);
        let json = serde_json::to_vec_pretty(&*status).unwrap_or_default();
        if let Err(error) = write_atomically(&self.path, &json, PRIVATE_FILE) {
            tracing::warn!(error = %gururmm_observe::ErrorChain(&error), "could not write the status file");
        }
    }
}

/// Reads the file; `None` when it is missing or damaged.
pub(crate) fn load(path: &Path) -> Option<Status> {
    serde_json::from_slice(&read_if_exists(path).ok()??).ok()
}
