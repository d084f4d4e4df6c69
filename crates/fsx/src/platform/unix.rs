use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use nix::unistd::Uid;

const PRIVATE_DIR: u32 = 0o700;
const STICKY: u32 = 0o1000;

pub(crate) fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    // the umask may have taken bits away
    file.set_permissions(Permissions::from_mode(mode))?;
    Ok(file)
}

pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PRIVATE_DIR).create(path)?;
    if fs::metadata(path)?.permissions().mode() & STICKY != 0 {
        return Err(io::Error::other("this folder is shared by design (sticky bit); name one below it"));
    }
    narrow(path, PRIVATE_DIR)
}

/// Refuses what another made, who could open it again at any time, and what leads elsewhere.
pub(crate) fn require_trusted(path: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Err(io::Error::other("it is a link; remove it"));
    }
    require_trusted_owner(&metadata)
}

fn require_trusted_owner(metadata: &Metadata) -> io::Result<()> {
    if is_trusted(metadata.uid()) {
        return Ok(());
    }
    Err(io::Error::other("it belongs to another user, who could open it to anybody; take it over or remove it"))
}

/// Gives the mode to what this user or root owns, and refuses what another could open again at any time.
pub(crate) fn narrow(path: &Path, mode: u32) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    require_trusted_owner(&metadata)?;
    if metadata.permissions().mode() & 0o7777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode))
}

fn is_trusted(owner: u32) -> bool {
    owner == 0 || owner == Uid::effective().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn only_the_owner_may_enter_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let private = folder.path().join("a/b");
        create_private_dir(&private).unwrap();
        assert_eq!(mode(&private), 0o700);
        let file = private.join("key");
        crate::write_atomically(&file, b"secret", crate::PRIVATE_FILE).unwrap();
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn an_open_folder_is_narrowed() {
        let folder = tempfile::tempdir().unwrap();
        let open = folder.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, Permissions::from_mode(0o755)).unwrap();
        create_private_dir(&open).unwrap();
        assert_eq!(mode(&open), 0o700);
    }

    #[test]
    fn an_open_file_is_narrowed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.db");
        crate::make_private(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(crate::read_private_if_exists(&folder.path().join("absent")).unwrap(), None);
        for open in [0o644, 0o660] {
            fs::write(&path, "content").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
            assert_eq!(crate::read_private_if_exists(&path).unwrap().unwrap(), b"content");
            assert_eq!(mode(&path), 0o600);
            fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
            crate::make_private(&path).unwrap();
            assert_eq!(mode(&path), 0o600);
        }
    }

    #[test]
    fn what_belongs_to_a_stranger_is_refused() {
        let own = Uid::effective().as_raw();
        assert!(is_trusted(0) && is_trusted(own) && !is_trusted(own + 1));
        if own != 0 {
            // only root can give a file away
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (dir, file) = (folder.path().join("dir"), folder.path().join("file"));
        fs::create_dir(&dir).unwrap();
        fs::write(&file, "").unwrap();
        for path in [&dir, &file] {
            std::os::unix::fs::chown(path, Some(12345), None).unwrap();
        }
        assert!(create_private_dir(&dir).is_err());
        assert!(crate::make_private(&file).is_err());
        assert!(crate::read_private_if_exists(&file).is_err());
    }
}
