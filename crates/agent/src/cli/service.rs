use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use gururmm_agent_os::paths::Paths;
use gururmm_agent_os::service;

use super::run::Run;
use crate::console;
use crate::identity::Identity;

#[derive(Args)]
pub(super) struct Service {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Put this program to its place, make it a service that starts with the machine, and start it.
    Install,
    /// Stop the service and remove it; the enrolment stays.
    Uninstall,
    /// Start the service.
    Start,
    /// Stop the service until it is started or the machine starts.
    Stop,
    /// Show whether the service runs.
    Status,
    /// Print what the service manager is told of the agent; for installers of images.
    #[command(hide = true)]
    Unit,
    /// Work as a service; for the service manager.
    #[command(hide = true)]
    Run,
}

impl Service {
    pub(super) fn execute(self, paths: &Paths, state_dir: Option<&Path>) -> anyhow::Result<ExitCode> {
        match self.verb {
            Verb::Install => {
                if Identity::load(&paths.identity())?.is_none() {
                    console::warn("this machine is not enrolled; run `gururmm-agent enroll` first");
                    return Ok(ExitCode::from(super::NOT_ENROLLED));
                }
                let lacking = service::install(&service::settle(&own_program()?)?, absolute(state_dir).as_deref())?;
                if let Some(unsupported) = lacking {
                    console::warn(&format!("the service runs without its sandbox: {unsupported}"));
                }
                console::say(&format!("The service {} is installed and runs.", service::NAME));
            }
            Verb::Uninstall => {
                service::uninstall()?;
                console::say(&format!("The service {} is removed.", service::NAME));
            }
            Verb::Start => service::start()?,
            Verb::Stop => service::stop()?,
            Verb::Status => console::say(service::state()?.as_str()),
            Verb::Unit => console::say(service::definition()?.trim_end()),
            Verb::Run => service::run(work)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The service manager starts the program with the same arguments as this process, so they are read again: it hands over
/// nothing but a plain function.
fn work() -> u8 {
    let paths = <super::Arguments as clap::Parser>::parse().paths();
    match Run::as_service(&paths).work(&paths) {
        Ok(code) => super::run::unless_final(code),
        Err(error) => {
            let reason = format!("{error:#}");
            tracing::error!("{}", gururmm_observe::Printable(&reason));
            keep(&paths, &reason);
            1
        }
    }
}

/// A service that fails before it has a log leaves the reason in a file; where even that is impossible, nobody can be told.
fn keep(paths: &Paths, reason: &str) {
    let file = paths.logs().join("start-error.txt");
    _ = std::fs::create_dir_all(paths.logs()).and_then(|()| std::fs::write(file, format!("{reason}\n")));
}

fn own_program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("the system does not tell where this program lies")
}

fn absolute(folder: Option<&Path>) -> Option<PathBuf> {
    folder.map(|folder| std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()))
}
