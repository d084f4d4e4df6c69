use std::process::ExitCode;

use clap::Args;
use gururmm_agent_os::paths::Paths;
use gururmm_clock::Clock as _;

use crate::console;
use crate::daemon::{self, DaemonEnd};
use crate::identity::Identity;
use crate::panics;

#[derive(Args)]
pub(super) struct Run {
    /// Write logs as JSON, one object per line.
    #[arg(long, env = "GURURMM_LOG_JSON")]
    log_json: bool,
}

impl Run {
    pub(super) fn execute(self, paths: &Paths) -> anyhow::Result<ExitCode> {
        gururmm_observe::init("info", self.log_json)?;
        panics::end_the_agent();
        paths.create()?;
        // who enrols or leaves holds it too: what was read before may be gone
        let Some(_lock) = super::lock(paths)? else {
            anyhow::bail!("another agent runs in {}", paths.state_dir().display());
        };
        let Some(mut identity) = Identity::load(&paths.identity())? else {
            console::warn("this machine is not enrolled; run `gururmm-agent enroll --server URL --site-key KEY`");
            return Ok(ExitCode::from(super::NOT_ENROLLED));
        };
        if identity.removed_at.is_some() {
            console::warn("the server has removed this agent; run `gururmm-agent unenroll` and enrol anew");
            return Ok(ExitCode::from(super::REMOVED));
        }
        if !identity.address()?.is_protected() {
            tracing::warn!("the server has no TLS: whoever listens in this network can read the keys");
        }
        let runtime = super::runtime()?;
        let end = runtime.block_on(daemon::run(paths, &identity));
        // a measurement of a volume that does not answer must not hold up the stop
        runtime.shutdown_background();
        match end? {
            DaemonEnd::Stopped => Ok(ExitCode::SUCCESS),
            DaemonEnd::Removed(message) => {
                tracing::error!("the server has removed this agent: {}", gururmm_observe::Printable(&message));
                identity.removed_at = Some(gururmm_clock::SystemClock.now());
                identity.save(&paths.identity())?;
                Ok(ExitCode::from(super::REMOVED))
            }
        }
    }
}
