//! The text of a command as a file.

use std::path::{Path, PathBuf};

use gururmm_fsx::{FileError, PRIVATE_FILE};
use uuid::Uuid;

/// A file that only this user and the system read; removed with this value.
#[derive(Debug)]
pub(super) struct Script(PathBuf);

impl Script {
    pub(super) fn write(folder: &Path, name: &str, text: &str) -> Result<Self, FileError> {
        let path = folder.join(name);
        gururmm_fsx::write_for_now(&path, text.as_bytes(), PRIVATE_FILE)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

/// Removes what an agent that died has left: files with the id of a command for their name.
pub(super) fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_of_command =
            path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| Uuid::parse_str(stem).is_ok());
        if is_of_command && let Err(error) = gururmm_fsx::remove_if_exists(&path) {
            tracing::warn!(%error, "the text of a command stays");
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if let Err(error) = gururmm_fsx::remove_if_exists(&self.0) {
            tracing::warn!(%error, "the text of a command stays");
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_agent_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(format!("{}.env", Uuid::now_v7()));
        let kept = folder.path().join("claude-task.json");
        for path in [&left, &kept] {
            std::fs::write(path, "x").unwrap();
        }
        sweep(folder.path());
        assert!(!left.exists() && kept.exists());
    }

    #[test]
    fn the_text_of_a_command_is_private_and_goes() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let script = Script::write(folder.path(), "0195-ab.sh", "echo $HOME").unwrap();
        assert_eq!(std::fs::read_to_string(script.path()).unwrap(), "echo $HOME");
        assert_eq!(std::fs::metadata(script.path()).unwrap().permissions().mode() & 0o777, 0o600);
        drop(script);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
