//! Files that are whole or absent, and folders and files that are private: only their owner and root may open them, and the
//! owner is this user or root.
//!
//! A file written by [`write_atomically`] or [`write_for_now`] has either its old content or its new one, at every moment; with the
//! first also after a power failure. On Windows a mode means nothing: there the folder's access list protects its files, and the owner is this user, the system
//! or its administrators.

mod platform;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Mode of files that hold secrets.
pub const PRIVATE_FILE: u32 = 0o600;

/// What went wrong with which file.
#[derive(Debug, thiserror::Error)]
#[error("{action} {}", path.display())]
pub struct FileError {
    action: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl FileError {
    /// Names the file that `action` failed on.
    pub fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self { action, path: path.to_owned(), source }
    }

    /// What the operating system said.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

/// Replaces `path` by a file with `bytes` and, on Unix, `mode`; durable when this returns.
pub fn write_atomically(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    replace(path, bytes, mode, true)
}

/// As [`write_atomically`], for what is of no use after a restart of the machine: the disk may take it later.
pub fn write_for_now(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileError> {
    replace(path, bytes, mode, false)
}

fn replace(path: &Path, bytes: &[u8], mode: u32, is_durable: bool) -> Result<(), FileError> {
    let failed = |source| FileError::new("could not write", path, source);
    let (temporary, mut file) = create_beside(path, mode).map_err(failed)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| if is_durable { file.sync_all() } else { Ok(()) })
        .and_then(|()| fs::rename(&temporary, path))
        .and_then(|()| if is_durable { platform::sync_folder(folder_of(path)) } else { Ok(()) });
    written.map_err(|source| {
        let _ = fs::remove_file(&temporary);
        failed(source)
    })
}

/// Makes `path` a private folder, with its parents; narrows one that exists, and refuses another user's.
pub fn create_private_dir(path: &Path) -> Result<(), FileError> {
    platform::create_private_dir(path)
        .map_err(|source| FileError::new("could not create the private folder", path, source))
}

/// Refuses a file or folder that another user made, who could open it to anybody, and a link.
pub fn require_trusted(path: &Path) -> io::Result<()> {
    platform::require_trusted(path)
}

/// Reads a whole file; `None` when it does not exist.
pub fn read_if_exists(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::new("could not read", path, error)),
    }
}

/// Makes `path` a private file, empty if it is new; refuses another user's.
pub fn make_private(path: &Path) -> Result<(), FileError> {
    match platform::create_new(path, PRIVATE_FILE) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => platform::narrow(path, PRIVATE_FILE),
        created => created.map(drop),
    }
    .map_err(|source| FileError::new("could not make private", path, source))
}

/// Reads a whole private file, narrowing it if need be; `None` when it does not exist.
pub fn read_private_if_exists(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match platform::narrow(path, PRIVATE_FILE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        narrowed => {
            narrowed.map_err(|source| FileError::new("could not use the private file", path, source))?;
            read_if_exists(path)
        }
    }
}

/// Removes a file; one that is not there is no error.
pub fn remove_if_exists(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::new("could not remove", path, error)),
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name in the same folder, so that the rename stays within one file system; unique within and across processes.
fn temporary_beside(path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{}.tmp", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed)));
    folder_of(path).join(name)
}

/// A new file beside `path`. A name can be taken by what a power failure left: where process ids begin anew, they come again.
fn create_beside(path: &Path, mode: u32) -> io::Result<(PathBuf, File)> {
    loop {
        let temporary = temporary_beside(path);
        match platform::create_new(&temporary, mode) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.json");
        write_atomically(&path, b"one", PRIVATE_FILE).unwrap();
        write_atomically(&path, b"two", PRIVATE_FILE).unwrap();
        assert_eq!(read_if_exists(&path).unwrap().unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_power_failure_left_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("identity.json");
        for number in 0..100 {
            fs::write(folder.path().join(format!(".identity.json.{}-{number}.tmp", std::process::id())), "").unwrap();
        }
        write_atomically(&path, b"one", PRIVATE_FILE).unwrap();
        assert_eq!(read_if_exists(&path).unwrap().unwrap(), b"one");
    }

    #[test]
    fn a_failed_write_leaves_the_old_content_and_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir_all(path.join("inside")).unwrap();
        let error = write_atomically(&path, b"x", PRIVATE_FILE).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert!(path.join("inside").is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn absent_files_are_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent");
        assert!(read_if_exists(&path).unwrap().is_none());
        remove_if_exists(&path).unwrap();
    }
}
