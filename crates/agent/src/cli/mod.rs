//! The command line.
//!
//! Exit codes: 0 done; 1 failed; 2 wrong arguments; 3 already enrolled; 4 not enrolled; 78 removed by the server, so
//! that a service manager does not start it again.

mod enroll;
mod run;
mod selftest;
mod service;
mod status;
mod unenroll;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use gururmm_agent_os::lock::{self, Lock};
use gururmm_agent_os::paths::Paths;
use gururmm_fsx::FileError;
use tokio::runtime::Runtime;

const ALREADY_ENROLLED: u8 = 3;
const NOT_ENROLLED: u8 = 4;
const REMOVED: u8 = 78;

const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// GuruRMM agent: connects this machine to its GuruRMM server.
#[derive(Parser)]
#[command(name = "gururmm-agent", version = crate::version::LONG.as_str(), propagate_version = true)]
pub(crate) struct Arguments {
    /// Keep everything in this folder instead of the system's usual places.
    #[arg(long, global = true, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Enrol this machine with a site key.
    Enroll(enroll::Enroll),
    /// Connect to the server and work until stopped.
    Run(run::Run),
    /// Show whether this machine is enrolled and connected.
    Status(status::ShowStatus),
    /// Leave the server and forget it.
    Unenroll(unenroll::Unenroll),
    /// Install, remove, start or stop the agent as a service of this system.
    Service(service::Service),
    /// Prove on this machine everything that the agent relies on.
    Selftest(selftest::Selftest),
}

impl Arguments {
    fn paths(&self) -> Paths {
        Paths::new(self.state_dir.as_deref())
    }

    pub(crate) fn execute(self) -> anyhow::Result<ExitCode> {
        let paths = self.paths();
        crate::tls::provide();
        match self.command {
            Command::Enroll(enroll) => enroll.execute(&paths),
            Command::Run(run) => run.execute(&paths),
            Command::Status(status) => status.execute(&paths),
            Command::Unenroll(unenroll) => unenroll.execute(&paths),
            Command::Service(service) => service.execute(&paths, self.state_dir.as_deref()),
            Command::Selftest(selftest) => selftest.execute(&paths),
        }
    }
}

/// The lock of the state folder, or `None` while an agent runs there: `status` holds it for a moment, which is waited for.
fn lock(paths: &Paths) -> Result<Option<Lock>, FileError> {
    lock::acquire_within(&paths.lock(), LOCK_PATIENCE)
}

/// One thread is enough for an agent, and small.
fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(8)
        .thread_stack_size(512 * 1024)
        .thread_keep_alive(Duration::from_secs(2))
        .build()
}
