//! Commands as process trees that end as a whole.
//!
//! A [`Containment`] starts shells and holds each with all its descendants, also those that left its session or became
//! daemons. Killing a [`Tree`] ends all of them; a command that ends by itself may leave daemons behind on purpose, and they
//! stay. What a killed agent left running is found at its next start by [`Containment::end_leftovers`].

use std::time::Duration;

use tokio::process::{Child, ChildStderr, ChildStdout};

use crate::interpreter::Launch;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::Systemd;
#[cfg(target_os = "linux")]
pub use linux::{Containment, Tree, forget};
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub use macos::{Containment, Tree, forget};
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
pub use windows::{Containment, Tree, forget};

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
    pub child: Child,
    /// Its standard output.
    pub stdout: ChildStdout,
    /// Its standard error.
    pub stderr: ChildStderr,
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

/// Where a command can only be a child of the agent it has the agent's account.
fn needs_no_session(launch: &Launch) -> std::io::Result<()> {
    match &launch.person {
        None => Ok(()),
        Some(_) => {
            Err(std::io::Error::other("only the agent's service of systemd runs commands in the session of a person"))
        }
    }
}

fn into_running(mut child: Child, tree: Tree) -> std::io::Result<Running> {
    let missing = || std::io::Error::other("the command has no output pipes");
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    Ok(Running { child, stdout, stderr, tree })
}
