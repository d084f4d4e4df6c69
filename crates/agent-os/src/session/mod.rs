//! The session of the person who sits at the machine, for commands that run in it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::Unsupported;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(target_os = "linux"))]
mod none;
#[cfg(not(target_os = "linux"))]
use none as platform;

/// A person who is logged in at the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The number of their account: a name may look like another's number.
    pub uid: u32,
    /// Their home.
    pub home: PathBuf,
    /// What programs of their session find in their environment: home, display, bus.
    pub environment: BTreeMap<String, String>,
}

/// Whose session is active; the reason when there is none, or it cannot be entered.
pub fn active() -> Result<Person, Unsupported> {
    platform::active()
}

/// Whether commands can run in somebody's session here, whoever is logged in.
pub fn support() -> Result<(), Unsupported> {
    platform::support()
}
