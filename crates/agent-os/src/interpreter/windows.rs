use std::io;
use std::path::{Path, PathBuf};

use super::{Form, Habit, Wanted};
use crate::paths::{program_files, system_folder};

/// Where the usual programs are.
pub(super) const PATH: &str = r"C:\Windows\System32;C:\Windows";

/// Windows PowerShell takes a file without a mark for text in the code page of the country.
pub(super) const POWERSHELL: Habit = (
    &["-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"],
    Form { suffix: "ps1", has_crlf: true, has_mark: true },
);

/// `cmd` of the system, and none that somebody put beside this program.
pub(super) fn shell() -> io::Result<PathBuf> {
    Ok(system_folder()?.join("cmd.exe"))
}

/// The one that comes with the system.
pub(super) fn powershell() -> Option<PathBuf> {
    let path = system_folder().ok()?.join(r"WindowsPowerShell\v1.0\powershell.exe");
    is_program(&path).then_some(path)
}

pub(super) fn pwsh() -> Wanted {
    let folders = vec![PathBuf::from(r"C:\Program Files\PowerShell\7")];
    Wanted { what: "PowerShell", names: &["pwsh"], folders }
}

pub(super) fn python() -> Wanted {
    Wanted { what: "Python", names: &["python", "python3", "py"], folders: vec![PathBuf::from(r"C:\Windows")] }
}

pub(super) fn files_of(name: &str) -> Vec<String> {
    let has_ending = Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("exe"));
    if has_ending { vec![name.to_owned()] } else { vec![format!("{name}.exe")] }
}

/// Programs in the folders of the system and of installed programs are an administrator's; elsewhere everybody may make files, as below the
/// root of a disk.
pub(super) fn require_trusted(path: &Path) -> Result<(), String> {
    let system = system_folder().map_err(|error| error.to_string())?;
    let windows = system.parent().map(Path::to_owned);
    // the folder of 32-bit programs has the same name and more
    let programs =
        program_files().parent().map(|disk| ["Program Files", "Program Files (x86)"].map(|name| disk.join(name)));
    let trusted: Vec<PathBuf> =
        windows.into_iter().chain(programs.into_iter().flatten()).chain([program_files()]).collect();
    let real = path.canonicalize().map_err(|error| error.to_string())?;
    let is_below = |folder: &PathBuf| folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
    // everybody writes there
    let is_open = ["Temp", "Tasks", "tracing"].iter().any(|name| is_below(&trusted[0].join(name)));
    if trusted.iter().any(is_below) && !is_open {
        Ok(())
    } else {
        Err("it is not below the folders of Windows or of installed programs".to_owned())
    }
}

/// The files in `WindowsApps` only open the store.
pub(super) fn is_program(path: &Path) -> bool {
    let opens_the_store = path.components().any(|part| part.as_os_str().eq_ignore_ascii_case("WindowsApps"));
    !opens_the_store && path.is_file()
}
