use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use gururmm_agent_os::paths::Paths;
use gururmm_clock::Clock as _;

use crate::console;
use crate::daemon::{self, DaemonEnd};
use crate::identity::Identity;
use crate::{panics, store};

/// Days of logs that are kept in files.
const LOG_DAYS: usize = 7;

#[derive(Args)]
pub(super) struct Run {
    /// Write logs as JSON, one object per line.
    #[arg(long, env = "GURURMM_LOG_JSON")]
    log_json: bool,
    /// Write logs to files in this folder, one a day, instead of standard error; those of the last seven days are kept.
    #[arg(long, value_name = "FOLDER")]
    log_dir: Option<PathBuf>,
    /// End without an error when starting again would change nothing: launchd does not tell exit codes apart.
    #[arg(long, hide = true)]
    launchd: bool,
}

impl Run {
    /// As a service that has no standard error.
    pub(super) fn as_service(paths: &Paths) -> Self {
        Self { log_json: false, log_dir: Some(paths.logs()), launchd: false }
    }

    pub(super) fn execute(self, paths: &Paths) -> anyhow::Result<ExitCode> {
        let launchd = self.launchd;
        let code = self.work(paths)?;
        Ok(ExitCode::from(if launchd { unless_final(code) } else { code }))
    }

    /// Says why it does not run where a person or an operator looks for it.
    fn tell(&self, reason: &str) {
        if self.log_dir.is_some() { tracing::error!("{reason}") } else { console::warn(reason) }
    }

    /// Works until the end, and returns the exit code.
    pub(super) fn work(self, paths: &Paths) -> anyhow::Result<u8> {
        paths.create()?;
        match &self.log_dir {
            Some(folder) => gururmm_observe::init_files("info", folder, "agent", LOG_DAYS)?,
            None => gururmm_observe::init("info", self.log_json)?,
        }
        panics::end_the_agent();
        // who enrols or leaves holds it too: what was read before may be gone
        let Some(_lock) = super::lock(paths)? else {
            anyhow::bail!("another agent runs in {}", paths.state_dir().display());
        };
        let Some(mut identity) = Identity::load(&paths.identity())? else {
            self.tell("this machine is not enrolled; run `gururmm-agent enroll --server URL --site-key KEY`");
            return Ok(super::NOT_ENROLLED);
        };
        if identity.removed_at.is_some() {
            self.tell("the server has removed this agent; run `gururmm-agent unenroll` and enrol anew");
            return Ok(super::REMOVED);
        }
        if !identity.address()?.is_protected() {
            tracing::warn!("the server has no TLS: whoever listens in this network can read the keys");
        }
        loop {
            let runtime = super::runtime()?;
            let end = runtime.block_on(daemon::run(paths, &identity));
            // a measurement of a volume that does not answer must not hold up the stop
            runtime.shutdown_background();
            // the key may be another than at the start
            let end = end?;
            identity = Identity::load(&paths.identity())?.context("the identity file is gone")?;
            match end {
                DaemonEnd::Stopped => return Ok(0),
                DaemonEnd::Removed(message) => {
                    tracing::error!("the server has removed this agent: {}", gururmm_observe::Printable(&message));
                    identity.removed_at = Some(gururmm_clock::SystemClock.now());
                    identity.save(&paths.identity())?;
                    return Ok(super::REMOVED);
                }
                DaemonEnd::Renamed(agent_id) => {
                    tracing::info!(agent.id = %agent_id, "this machine goes on with the record that it had before");
                    // the memory first: an identity without one would take its absence for a loss
                    store::create_anew(&paths.database(), agent_id)?;
                    identity.agent_id = agent_id;
                    identity.save(&paths.identity())?;
                }
            }
        }
    }
}

/// Success instead of a code that says that starting again would change nothing: for service managers that know only success
/// and failure.
pub(super) const fn unless_final(code: u8) -> u8 {
    match code {
        super::NOT_ENROLLED | super::REMOVED => 0,
        code => code,
    }
}
