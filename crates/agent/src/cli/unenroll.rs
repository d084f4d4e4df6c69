use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use gururmm_agent_os::lock;
use gururmm_agent_os::paths::Paths;

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
        let found = match Identity::load(&paths.identity()) {
            Err(error) if self.force => {
                console::warn(&format!("{error}"));
                None
            }
            other => other?,
        };
        if found.is_none() && !paths.identity().exists() {
            console::warn("this machine is not enrolled");
            return Ok(ExitCode::from(super::NOT_ENROLLED));
        }
        paths.create()?;
        let Some(_lock) = lock::acquire(&paths.lock())? else {
            anyhow::bail!("an agent runs in {}; stop it first", paths.state_dir().display());
        };
        if let Some(identity) = found.filter(|identity| identity.removed_at.is_none()) {
            let told = super::runtime()?.block_on(enrolment::unenroll(&identity));
            match told {
                Err(error) if self.force => console::warn(&format!("{error:#}; the server keeps this agent")),
                told => told.context("the server could not be told; --force forgets it all the same")?,
            }
        }
        identity::remove(&paths.identity())?;
        store::remove(&paths.database())?;
        gururmm_fsx::remove_if_exists(&paths.status())?;
        console::say("This machine is no longer enrolled.");
        Ok(ExitCode::SUCCESS)
    }
}
