#![expect(unsafe_code, reason = "a call of the Windows API")]

use std::path::PathBuf;

use windows::Win32::Foundation::MAX_PATH;
use windows::Win32::UI::Shell::{CSIDL_COMMON_APPDATA, SHGetFolderPathW};

const USUAL: &str = r"C:\ProgramData";

fn folder() -> PathBuf {
    program_data().unwrap_or_else(|| PathBuf::from(USUAL)).join("GuruRMM")
}

/// From the system, not from the environment: that may differ between a console and a service, and whoever starts the agent
/// may set it.
fn program_data() -> Option<PathBuf> {
    let mut buffer = [0; MAX_PATH as usize];
    // SAFETY: the buffer has the size that the function asks for
    unsafe { SHGetFolderPathW(None, CSIDL_COMMON_APPDATA.cast_signed(), None, 0, &mut buffer) }.ok()?;
    let length = buffer.iter().position(|unit| *unit == 0)?;
    String::from_utf16(&buffer[..length]).ok().filter(|text| !text.is_empty()).map(PathBuf::from)
}

pub(super) fn identity_dir() -> PathBuf {
    folder()
}

pub(super) fn state_dir() -> PathBuf {
    folder()
}
