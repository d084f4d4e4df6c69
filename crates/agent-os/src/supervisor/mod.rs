//! What watches over the agent and wants to hear from it: systemd, or the service control manager of Windows.

use std::time::Duration;

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

/// The agent works.
pub fn ready() {
    platform::ready();
}

/// The agent is about to end.
pub fn stopping() {
    platform::stopping();
}

/// The main loop still turns.
pub fn alive() {
    platform::alive();
}

/// How often [`alive`] must be called, if at all: half the time that the supervisor waits.
pub fn alive_interval() -> Option<Duration> {
    platform::watchdog().map(|limit| limit / 2)
}
