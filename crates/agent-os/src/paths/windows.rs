#![expect(unsafe_code, reason = "a call of the Windows API")]

use std::ffi::OsString;
use std::io;
use std::os::windows::ffi::OsStringExt as _;
use std::path::PathBuf;

use windows::Win32::Foundation::MAX_PATH;
use windows::Win32::System::SystemInformation::GetSystemDirectoryW;
use windows::Win32::UI::Shell::{CSIDL_COMMON_APPDATA, CSIDL_PROGRAM_FILES, SHGetFolderPathW};

fn folder() -> PathBuf {
    known(CSIDL_COMMON_APPDATA).unwrap_or_else(|| PathBuf::from(r"C:\ProgramData")).join("GuruRMM")
}

pub(crate) fn program_files() -> PathBuf {
    known(CSIDL_PROGRAM_FILES).unwrap_or_else(|| PathBuf::from(r"C:\Program Files"))
}

/// Where the system's own programs are.
pub(crate) fn system_folder() -> io::Result<PathBuf> {
    let mut buffer = [0; MAX_PATH as usize];
    // SAFETY: the buffer says how large it is
    let length = unsafe { GetSystemDirectoryW(Some(&mut buffer)) } as usize;
    match buffer.get(..length) {
        Some(folder) if length > 0 => Ok(PathBuf::from(OsString::from_wide(folder))),
        _ => Err(io::Error::last_os_error()),
    }
}

/// From the system, not from the environment: that may differ between a console and a service, and whoever starts the agent
/// may set it.
fn known(folder: u32) -> Option<PathBuf> {
    let mut buffer = [0; MAX_PATH as usize];
    // SAFETY: the buffer has the size that the function asks for
    unsafe { SHGetFolderPathW(None, folder.cast_signed(), None, 0, &mut buffer) }.ok()?;
    let length = buffer.iter().position(|unit| *unit == 0)?;
    String::from_utf16(&buffer[..length]).ok().filter(|text| !text.is_empty()).map(PathBuf::from)
}

pub(super) fn identity_dir() -> PathBuf {
    folder()
}

pub(super) fn state_dir() -> PathBuf {
    folder()
}
