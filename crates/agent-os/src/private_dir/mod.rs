//! Folders that only the system and its administrators can enter.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::create;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::create;
