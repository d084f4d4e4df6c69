use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use gururmm_agent_os::paths::Paths;
use gururmm_agent_os::process;

use crate::identity::{self, Identity};
use crate::{console, enrolment, store};

#[derive(Args)]
pub(super) struct Unenroll {
    /// Forget the server even if it cannot be told.
    #[arg(long)]
    force: bool,
}

impl Unenroll {
    pub(super) fn execute(self, paths: &Paths) -> anyhow::Result<ExitCode> {
        let identity = paths.identity();
        if !identity.try_exists().with_context(|| format!("could not look for {}", identity.display()))? {
            console::warn("this machine is not enrolled");
            return Ok(ExitCode::from(super::NOT_ENROLLED));
        }
        paths.create()?;
        let Some(_lock) = super::lock(paths)? else {
            anyhow::bail!("an agent runs in {}; stop it first", paths.state_dir().display());
        };
        let found = match Identity::load(&identity) {
            Err(error) if self.force => {
                console::warn(&format!("{error}"));
                None
            }
            other => other?,
        };
        if let Some(identity) = found.filter(|identity| identity.removed_at.is_none()) {
            let ahead_of_wall = store::ahead_of_wall(&paths.database());
            let told = super::runtime()?.block_on(enrolment::unenroll(&identity, ahead_of_wall));
            match told {
                Err(error) if self.force => console::warn(&format!("{error:#}; the server keeps this agent")),
                told => told.context("the server could not be told; --force forgets it all the same")?,
            }
        }
        // the identity first: without it nothing else is of use to anybody
        identity::remove(&identity)?;
        store::remove(&paths.database())?;
        process::forget(paths.state_dir())?;
        gururmm_fsx::remove_if_exists(&paths.status())?;
        console::say("This machine is no longer enrolled.");
        Ok(ExitCode::SUCCESS)
    }
}
