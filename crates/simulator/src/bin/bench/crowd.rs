//! A server and a crowd of simulated machines.

use std::time::Duration;

use anyhow::ensure;
use gururmm_ids::AgentId;
use gururmm_simulator::fleet::{Faults, Fleet, Identities, Options, Provider, prepare};
use gururmm_simulator::processes::{Administrator, Process, ServerHome, until};

use crate::Arguments;

const ADMINISTRATOR: Administrator<'_> =
    Administrator { email: "technician.one@example.com", password: "correct horse battery" };
const POLL: Duration = Duration::from_millis(50);
const SEED: u64 = 1;
/// Nobody measures unless the measurement is about that.
const NEVER: Duration = Duration::from_hours(24);

/// A server with its administrator.
pub(crate) struct Crowd {
    pub(crate) home: ServerHome,
    pub(crate) token: String,
    pub(crate) server: Process,
}

impl Crowd {
    pub(crate) async fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        let home = ServerHome::new(&arguments.server)?;
        let server = start_server(&home).await?;
        let token = home.set_up(&ADMINISTRATOR).await?;
        Ok(Self { home, token, server })
    }

    /// Enrols so many machines.
    pub(crate) async fn enrol(&self, count: usize) -> anyhow::Result<Identities> {
        let origin = self.home.origin();
        let keys = Provider { server: &origin, token: &self.token }.keys().await?;
        prepare(None, &origin, SEED, count, |persona| keys.get(&persona.place).cloned().unwrap_or_default(), |_| {}).await
    }

    /// Brings machines to life: idle, but for a past that they tell.
    pub(crate) fn options(&self, ramp: Duration, back_fill: Duration) -> Options {
        Options {
            server: self.home.origin(),
            address: ([127, 0, 0, 1], self.home.port()).into(),
            seed: SEED,
            ramp,
            metrics_interval: Some(NEVER),
            faults: Faults::default(),
            back_fill,
        }
    }
}

/// Starts the server so that a crowd from one machine may come.
pub(crate) async fn start_server(home: &ServerHome) -> anyhow::Result<Process> {
    let mut command = home.command();
    command.env("GURURMM_RATE_LIMITS__ENROLL_PER_MINUTE", "10000000");
    home.start(command).await
}

/// Waits until so many are connected.
pub(crate) async fn all_online(fleet: &Fleet, server: &mut Process, count: usize) -> anyhow::Result<()> {
    until("all machines to be online", POLL, async || {
        server.require_running()?;
        Ok((fleet.ledger.online() >= count as u64).then_some(()))
    })
    .await
}

/// Ids in the order of the fleet.
pub(crate) fn ids(identities: &Identities) -> Vec<AgentId> {
    identities.iter().map(|identity| identity.agent_id).collect()
}

/// This process needs a file for each machine.
pub(crate) fn require_files(count: usize) -> anyhow::Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    ensure!(hard > count as u64 + 200, "{count} machines need more open files than the {hard} this process may have");
    Ok(())
}
