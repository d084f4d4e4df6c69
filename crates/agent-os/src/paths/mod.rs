//! Where the agent keeps its files: everything in one private folder.

use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

/// The agent's files.
#[derive(Clone, Debug)]
pub struct Paths {
    identity_dir: PathBuf,
    state_dir: PathBuf,
}

impl Paths {
    /// The system's usual places, or everything below `state_dir`.
    pub fn new(state_dir: Option<&Path>) -> Self {
        match state_dir {
            // a relative folder must not move when the agent changes its own
            Some(dir) => {
                let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
                Self { identity_dir: dir.clone(), state_dir: dir }
            }
            None => Self { identity_dir: platform::identity_dir(), state_dir: platform::state_dir() },
        }
    }

    /// Makes the folders, private to the system.
    pub fn create(&self) -> Result<(), gururmm_fsx::FileError> {
        crate::private_dir::create(&self.identity_dir)?;
        crate::private_dir::create(&self.state_dir)
    }

    /// Folder of everything but the identity.
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// Who this agent is.
    pub fn identity(&self) -> PathBuf {
        self.identity_dir.join("identity.json")
    }

    /// The machine's lasting id; outlives an enrolment.
    pub fn device_id(&self) -> PathBuf {
        self.identity_dir.join("device-id")
    }

    /// Spool and memory.
    pub fn database(&self) -> PathBuf {
        self.state_dir.join("agent.db")
    }

    /// What a running agent says of itself.
    pub fn status(&self) -> PathBuf {
        self.state_dir.join("status.json")
    }

    /// Logs of an agent that has no standard error.
    pub fn logs(&self) -> PathBuf {
        self.state_dir.join("logs")
    }

    /// Held by the running agent.
    pub fn lock(&self) -> PathBuf {
        self.state_dir.join("agent.lock")
    }
}
