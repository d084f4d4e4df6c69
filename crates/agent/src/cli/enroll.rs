use std::io::Read as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use gururmm_agent_os::paths::Paths;

use crate::address::Address;
use crate::identity::Identity;
use crate::{console, enrolment};

#[derive(Args)]
pub(super) struct Enroll {
    /// The server, such as https://rmm.example.com.
    #[arg(long, env = "GURURMM_SERVER", value_name = "URL")]
    server: Option<String>,
    /// The site key. Write - to read it from standard input, where no other user sees it.
    #[arg(long, env = "GURURMM_SITE_KEY", hide_env_values = true, value_name = "KEY")]
    site_key: String,
    /// Accept a server without TLS outside this machine: keys travel in the clear.
    #[arg(long)]
    allow_insecure: bool,
}

impl Enroll {
    pub(super) fn execute(self, paths: &Paths) -> anyhow::Result<ExitCode> {
        let address = Address::choose(self.server.as_deref(), self.allow_insecure)?;
        if !address.is_protected() {
            console::warn(&format!("{address} has no TLS: whoever listens in this network can read the keys"));
        }
        paths.create()?;
        let Some(_lock) = super::lock(paths)? else {
            anyhow::bail!("an agent runs in {}; stop it first", paths.state_dir().display());
        };
        if Identity::load(&paths.identity())?.is_some() {
            console::warn("this machine is enrolled already; run `gururmm-agent unenroll` first");
            return Ok(ExitCode::from(super::ALREADY_ENROLLED));
        }
        let site_key = read_key(self.site_key)?;
        let enrolled = super::runtime()?.block_on(async {
            let enrolled = enrolment::enroll(paths, address.clone(), site_key.trim()).await;
            if let Err(error) = &enrolled {
                enrolment::report(&address, site_key.trim(), &format!("{error:#}")).await;
            }
            enrolled
        });
        let (identity, awaits_approval) = enrolled?;
        console::say(&format!(
            "Enrolled in site {:?} of client {:?} at {} as agent {}.",
            identity.site_name, identity.client_name, identity.server_url, identity.agent_id
        ));
        if awaits_approval {
            console::say("Somebody has to let this machine in: approve it on the page Enrolment of the dashboard.");
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read_key(argument: String) -> anyhow::Result<String> {
    if argument != "-" {
        return Ok(argument);
    }
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("could not read the site key")?;
    Ok(text)
}
