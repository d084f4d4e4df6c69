//! The clock of all deadlines: monotonic, and it counts the time that the machine sleeps, so that an agent notices after a
//! suspend that its connection is long dead: when it next looks, which is after one heartbeat at most, since the timers that
//! wake it do not count that time.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::since_boot;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub use macos::since_boot;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::since_boot;
