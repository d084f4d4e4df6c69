use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use gururmm_fsx::FileError;

/// Makes the folder, or narrows it when it exists.
pub fn create(path: &Path) -> Result<(), FileError> {
    gururmm_fsx::create_private_dir(path)
}

/// An error when others may enter the folder, or could let themselves in.
pub fn require_private(path: &Path) -> io::Result<()> {
    const OTHERS: u32 = 0o077;
    let metadata = std::fs::symlink_metadata(path)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if !metadata.is_dir() || mode & OTHERS != 0 {
        return Err(io::Error::other(format!("it is no private folder: its mode is {mode:o}")));
    }
    gururmm_fsx::require_trusted(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_folder_is_not_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        create(&path).unwrap();
        require_private(&path).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o710)).unwrap();
        assert!(require_private(&path).unwrap_err().to_string().contains("710"));
    }
}
