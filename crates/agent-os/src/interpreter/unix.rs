use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use nix::unistd::Uid;

use super::{Form, Habit, Wanted};

/// Where the usual programs are.
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub(super) const POWERSHELL: Habit =
    (&["-NoLogo", "-NoProfile", "-NonInteractive", "-File"], Form { suffix: "ps1", has_crlf: false, has_mark: false });

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn shell() -> io::Result<PathBuf> {
    Ok(PathBuf::from("/bin/sh"))
}

/// None comes with the system.
pub(super) fn powershell() -> Option<PathBuf> {
    None
}

pub(super) fn pwsh() -> Wanted {
    // where Microsoft's packages and Homebrew put it
    let folders = ["/opt/microsoft/powershell/7", "/usr/local/microsoft/powershell/7", "/opt/homebrew/bin"];
    Wanted { what: "PowerShell", names: &["pwsh"], folders: folders.into_iter().map(PathBuf::from).collect() }
}

pub(super) fn python() -> Wanted {
    Wanted { what: "Python", names: &["python3", "python"], folders: vec![PathBuf::from("/opt/homebrew/bin")] }
}

pub(super) fn files_of(name: &str) -> Vec<String> {
    vec![name.to_owned()]
}

/// Refuses what somebody else than this account and root could change or replace: the file, what its links lead to, and every folder
/// above them.
pub(super) fn require_trusted(path: &Path) -> Result<(), String> {
    let real = path.canonicalize().map_err(|error| error.to_string())?;
    let own = Uid::effective().as_raw();
    let places = real.ancestors().chain(path.ancestors().skip(1));
    for place in places.filter(|place| !place.as_os_str().is_empty()) {
        let found = place.metadata().map_err(|error| error.to_string())?;
        if found.uid() != 0 && found.uid() != own {
            return Err(format!("{} belongs to another account", place.display()));
        }
        let writers = if found.gid() == 0 { 0o002 } else { 0o022 };
        if found.mode() & writers != 0 {
            return Err(format!("{} is writable by others", place.display()));
        }
    }
    Ok(())
}

pub(super) fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}
