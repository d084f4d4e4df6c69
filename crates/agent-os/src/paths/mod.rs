//! Where the agent keeps its files: everything in one private folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

use gururmm_fsx::FileError;

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
#[cfg(windows)]
pub(crate) use windows::{program_files, system_folder};

/// The agent's files.
#[derive(Clone, Debug)]
pub struct Paths {
    identity_dir: PathBuf,
    state_dir: PathBuf,
    /// Whether somebody named the folder, and may have named a wrong one.
    is_chosen: bool,
}

/// What marks a folder as an agent's.
const MARKS: [&str; 5] = [IDENTITY, DEVICE_ID, DATABASE, STATUS, LOCK];
const IDENTITY: &str = "identity.json";
const DEVICE_ID: &str = "device-id";
const DATABASE: &str = "agent.db";
const STATUS: &str = "status.json";
const LOCK: &str = "agent.lock";

impl Paths {
    /// The system's usual places, or everything below `state_dir`.
    pub fn new(state_dir: Option<&Path>) -> Self {
        match state_dir {
            // a relative folder must not move when the agent changes its own
            Some(dir) => {
                let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
                Self { identity_dir: dir.clone(), state_dir: dir, is_chosen: true }
            }
            None => Self { identity_dir: platform::identity_dir(), state_dir: platform::state_dir(), is_chosen: false },
        }
    }

    /// Makes the folders, private to the system. A named folder that others use is refused: it would be shut to them.
    pub fn create(&self) -> Result<(), FileError> {
        if self.is_chosen && holds_other_things(&self.state_dir) {
            let reason = io::Error::other("it holds other things; name an empty folder, or one that does not exist");
            return Err(FileError::new("could not take the folder", &self.state_dir, reason));
        }
        crate::private_dir::create(&self.identity_dir)?;
        crate::private_dir::create(&self.state_dir)
    }

    /// Folder of everything but the identity.
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// Who this agent is.
    pub fn identity(&self) -> PathBuf {
        self.identity_dir.join(IDENTITY)
    }

    /// The machine's lasting id; outlives an enrolment.
    pub fn device_id(&self) -> PathBuf {
        self.identity_dir.join(DEVICE_ID)
    }

    /// Spool and memory.
    pub fn database(&self) -> PathBuf {
        self.state_dir.join(DATABASE)
    }

    /// What a running agent says of itself.
    pub fn status(&self) -> PathBuf {
        self.state_dir.join(STATUS)
    }

    /// Logs of an agent that has no standard error.
    pub fn logs(&self) -> PathBuf {
        self.state_dir.join("logs")
    }

    /// Held by the running agent.
    pub fn lock(&self) -> PathBuf {
        self.state_dir.join(LOCK)
    }
}

/// Whether there is something in the folder, and nothing that an agent has made.
fn holds_other_things(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    !names.is_empty() && !names.iter().any(|name| MARKS.iter().any(|mark| name == mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_others_use_is_left_to_them() {
        let home = tempfile::tempdir().unwrap();
        let shared = home.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::write(shared.join("letter.txt"), "").unwrap();
        let before = fs::metadata(&shared).unwrap().permissions();
        let refused = Paths::new(Some(&shared)).create().unwrap_err();
        assert!(refused.to_string().contains("shared"), "{refused}");
        assert_eq!(fs::metadata(&shared).unwrap().permissions(), before);

        for ours in [home.path().join("new"), home.path().join("used")] {
            Paths::new(Some(&ours)).create().unwrap();
            fs::write(Paths::new(Some(&ours)).lock(), "").unwrap();
            fs::write(ours.join("note.txt"), "").unwrap();
            Paths::new(Some(&ours)).create().unwrap();
        }
    }
}
