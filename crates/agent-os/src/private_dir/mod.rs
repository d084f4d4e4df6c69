//! Folders that only the system and its administrators can enter.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::{create, require_private};
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::with_descriptor;
#[cfg(windows)]
pub use windows::{create, require_private};
