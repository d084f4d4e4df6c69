//! The session of the person who sits at the machine, for commands that run in it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;
#[cfg(windows)]
pub(crate) use windows::active_ids;

/// A person who is logged in at the machine.
pub use platform::Person;

use crate::Unsupported;

/// Whose session is active; the reason when there is none, or it cannot be entered.
pub fn active() -> Result<Person, Unsupported> {
    platform::person()
}

/// Whether commands can run in somebody's session here, whoever is logged in.
pub fn support() -> Result<(), Unsupported> {
    platform::support()
}
