#![expect(unsafe_code, reason = "a call of the Windows API")]

use std::path::PathBuf;

use windows::Win32::System::Com::CoTaskMemFree;
use windows::Win32::UI::Shell::{FOLDERID_ProgramData, KF_FLAG_DEFAULT, SHGetKnownFolderPath};

const USUAL: &str = r"C:\ProgramData";

fn folder() -> PathBuf {
    program_data().unwrap_or_else(|| PathBuf::from(USUAL)).join("GuruRMM")
}

/// From the system, not from the environment: that may differ between a console and a service, and whoever starts the agent
/// may set it.
fn program_data() -> Option<PathBuf> {
    let id = FOLDERID_ProgramData;
    // SAFETY: the id outlives the call, and the answer is freed below
    let text = unsafe { SHGetKnownFolderPath(&raw const id, KF_FLAG_DEFAULT, None) }.ok()?;
    // SAFETY: the answer ends with a zero
    let path = unsafe { text.to_string() }.ok().map(PathBuf::from);
    // SAFETY: it was allocated for us, and nobody else frees it
    unsafe { CoTaskMemFree(Some(text.0.cast())) };
    path
}

pub(super) fn identity_dir() -> PathBuf {
    folder()
}

pub(super) fn state_dir() -> PathBuf {
    folder()
}
