//! The agent as a service: made, removed, started and stopped through the system's own service manager, which also starts it
//! with the machine and again after a crash.
//!
//! Windows: the service `GuruRMMAgent`. Linux: the systemd unit `gururmm-agent`. macOS: the launch daemon `org.gururmm.agent`.

use std::path::{Path, PathBuf};

use crate::Unsupported;

#[cfg(unix)]
mod command;
#[cfg(any(target_os = "macos", test))]
mod plist;
#[cfg(any(target_os = "linux", test))]
mod unit;

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
#[cfg(windows)]
pub(crate) use windows::report;

/// What the service manager calls the agent.
pub const NAME: &str = platform::NAME;

/// Why the service manager did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no service manager that we know.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// A file of the service could not be written or removed.
    #[error("could not change {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The service manager refused.
    #[error("could not {action} the service {NAME}: {reason}")]
    Refused {
        /// What was to be done.
        action: &'static str,
        /// What the service manager said.
        reason: String,
    },
}

/// What the service manager says of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It knows no such service.
    NotInstalled,
    /// The service is there and does not run.
    Stopped,
    /// The service runs.
    Running,
}

impl State {
    /// In words, for people and scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotInstalled => "not installed",
            Self::Stopped => "stopped",
            Self::Running => "running",
        }
    }
}

/// Puts the program to its place, where only administrators can change what the service starts, and answers where that is.
pub fn settle(program: &Path) -> Result<PathBuf, ServiceError> {
    const MODE: u32 = 0o755;
    let place = platform::place();
    if let (Ok(here), Ok(there)) = (program.canonicalize(), place.canonicalize())
        && here == there
    {
        return Ok(place);
    }
    let failed = |source| ServiceError::File { path: place.clone(), source };
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let bytes = std::fs::read(program).map_err(|source| ServiceError::File { path: program.to_owned(), source })?;
    let write = || gururmm_fsx::write_atomically(&place, &bytes, MODE);
    if write().is_err() {
        // Windows does not replace a program that runs
        stop()?;
        write().map_err(|error| failed(error.kind().into()))?;
    }
    Ok(place)
}

/// Makes the service for this program, or makes it anew, and starts it: now, and with the machine. Answers why it runs without the
/// sandbox that this system's services have otherwise, if it does.
pub fn install(program: &Path, state_dir: Option<&Path>) -> Result<Option<Unsupported>, ServiceError> {
    platform::install(program, state_dir)
}

/// The service manager's text about a program at its usual place.
pub fn definition() -> Result<String, Unsupported> {
    platform::definition()
}

/// Stops the service and removes it. The agent's files stay. Nothing happens when there is none.
pub fn uninstall() -> Result<(), ServiceError> {
    platform::uninstall()
}

/// Starts the service; nothing happens when it runs.
pub fn start() -> Result<(), ServiceError> {
    platform::start()
}

/// Stops the service; nothing happens when it does not run.
pub fn stop() -> Result<(), ServiceError> {
    platform::stop()
}

/// Asks the service manager.
pub fn state() -> Result<State, ServiceError> {
    platform::state()
}

/// Whether there is a service manager that we know.
pub fn support() -> Result<(), Unsupported> {
    platform::support()
}

/// Runs `work` as the service manager wants it; its result is the exit code. Only where the manager starts programs in a way
/// of its own: elsewhere it starts the ordinary program.
pub fn run(work: fn() -> u8) -> Result<(), ServiceError> {
    platform::run(work)
}
