//! The system's wish that the agent stops.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::StopSignal;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::StopSignal;
#[cfg(windows)]
pub(crate) use windows::request;
