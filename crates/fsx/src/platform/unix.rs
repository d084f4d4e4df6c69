use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

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
    let metadata = fs::metadata(path)?;
    if metadata.permissions().mode() & STICKY != 0 {
        return Err(io::Error::other("this folder is shared by design (sticky bit); name one below it"));
    }
    fs::set_permissions(path, Permissions::from_mode(PRIVATE_DIR))
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
}
