//! What watches over the agent and wants to hear from it: systemd, where there is systemd.

use std::time::Duration;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(target_os = "linux"))]
mod silent;
#[cfg(not(target_os = "linux"))]
use silent as platform;

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
