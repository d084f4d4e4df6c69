//! The capabilities against the real operating system.

#[cfg(target_os = "linux")]
mod interpreters;
#[cfg(target_os = "linux")]
mod processes;
