//! Commands as process trees that end as a whole.
//!
//! A [`Containment`] starts shells and holds each with all its descendants, also those that left its session or became
//! daemons. Killing a [`Tree`] ends all of them; a command that ends by itself may leave daemons behind on purpose, and they
//! stay. What a killed agent left running is found at its next start by [`Containment::end_leftovers`].

use std::time::Duration;

use tokio::process::Child;

#[cfg(not(target_os = "linux"))]
mod host;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "linux")]
pub(crate) use linux::Systemd;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;
mod prepare;
mod script;
#[cfg(unix)]
mod status_unix;
#[cfg(unix)]
use status_unix as status;
#[cfg(windows)]
mod status_windows;
#[cfg(windows)]
use status_windows as status;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

pub use platform::{Containment, Shell, Stderr, Stdout, Tree, forget, host};

/// In the environment of every command: its id. Also how a tree is found where the system offers no container.
pub const COMMAND_VARIABLE: &str = "GURURMM_COMMAND_ID";

/// How long a killed tree may take to be gone: processes in uninterruptible sleep die late.
const KILL_PATIENCE: Duration = Duration::from_secs(10);
const KILL_POLL: Duration = Duration::from_millis(5);

/// Settings of the agent's own service, and secrets, that are no business of its commands.
const PRIVATE_VARIABLES: [&str; 9] = [
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "INVOCATION_ID",
    "GURURMM_SITE_KEY",
    "GURURMM_LOG",
];

/// A command that runs.
#[derive(Debug)]
pub struct Running {
    /// The shell.
    pub child: Shell,
    /// Its standard output.
    pub stdout: Stdout,
    /// Its standard error.
    pub stderr: Stderr,
    /// It and all its descendants.
    pub tree: Tree,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

fn into_running(mut child: Child, tree: Tree) -> std::io::Result<Running> {
    let missing = || std::io::Error::other("the command has no output pipes");
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    Ok(Running { child: as_here(child), stdout: as_here(stdout), stderr: as_here(stderr), tree })
}

/// As this system has it, where a command may be no child.
fn as_here<T: Into<U>, U>(value: T) -> U {
    value.into()
}
