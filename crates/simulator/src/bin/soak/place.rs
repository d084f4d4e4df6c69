//! A server, a fleet, and a network between them.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use gururmm_ids::AgentId;
use gururmm_simulator::Proxy;
use gururmm_simulator::fleet::{Faults, Fleet, Options, Provider, begins, prepare, require_files};
use gururmm_simulator::processes::{Administrator, Process, ServerHome, until};
use jiff::Timestamp;

use crate::Arguments;

const ADMINISTRATOR: Administrator<'_> =
    Administrator { email: "technician.one@example.com", password: "correct horse battery" };
const POLL: Duration = Duration::from_millis(50);
/// Between two measurements of a machine.
pub(crate) const METRICS_EVERY: Duration = Duration::from_secs(5);
/// What goes wrong all the time.
const FAULTS: Faults = Faults {
    switched_off: 0.0,
    disconnects_per_minute: 0.05,
    slow_readers: 0.02,
    lost_acknowledgements: 0.02,
    command_failures: 0.0,
    command_timeouts: 0.0,
};

pub(crate) struct Place {
    pub(crate) token: String,
    /// In the order of the fleet.
    pub(crate) agents: Vec<AgentId>,
    pub(crate) fleet: Fleet,
    pub(crate) network: Proxy,
    /// Nothing of this run is older.
    pub(crate) began: Timestamp,
    /// None while it is away.
    server: Option<Process>,
    home: ServerHome,
}

impl Place {
    /// Starts everything and waits until all machines are there.
    pub(crate) async fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        // a machine's own connection, and both ends of it in the network between
        require_files(3 * arguments.agents as usize)?;
        let home = ServerHome::new(&arguments.server)?;
        let server = home.start(command(&home)).await?;
        let token = home.set_up(&ADMINISTRATOR).await?;
        let (origin, count) = (home.origin(), arguments.agents as usize);
        let keys = Provider { server: &origin, token: &token }.keys().await?;
        let key_of = |place: &_| keys.get(place).cloned().unwrap_or_default();
        let identities =
            prepare(None, &origin, arguments.seed, count, |persona| key_of(&persona.place), |_| {}).await?;
        let agents: Vec<_> = identities.iter().map(|identity| identity.agent_id).collect();
        let network = Proxy::start(home.port()).await.context("the network")?;
        let options = Options {
            server: origin,
            address: network.address(),
            seed: arguments.seed,
            ramp: Duration::from_secs(2),
            metrics_interval: Some(METRICS_EVERY),
            faults: FAULTS,
            back_fill: Duration::ZERO,
            back_fill_step: None,
            back_fill_after: Duration::ZERO,
        };
        let began = begins(Duration::ZERO);
        let fleet = Fleet::start(&options, identities);
        let mut place = Self { token, agents, fleet, network, began, server: Some(server), home };
        place.all_online().await?;
        Ok(place)
    }

    pub(crate) fn origin(&self) -> String {
        self.home.origin()
    }

    /// Measurements that the server has stored, as far as their machines know.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.fleet.ledger.summary().acknowledged
    }

    /// The server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.server.as_ref().map_or(0, Process::id)
    }

    /// The process of the database that the server has started.
    pub(crate) fn database_pid(&self) -> anyhow::Result<i32> {
        let pid_file: PathBuf = self.home.data_dir().join("postgres/postmaster.pid");
        let text = std::fs::read_to_string(&pid_file).with_context(|| format!("no {}", pid_file.display()))?;
        text.lines().next().and_then(|line| line.trim().parse().ok()).context("the database has no process")
    }

    /// `kill -9`, or the polite way.
    pub(crate) fn end_server(&mut self, is_killed: bool) -> anyhow::Result<()> {
        match self.server.take() {
            Some(server) if is_killed => server.kill(),
            _ => Ok(()),
        }
    }

    pub(crate) async fn start_server(&mut self) -> anyhow::Result<()> {
        self.server = Some(self.home.start(command(&self.home)).await?);
        Ok(())
    }

    /// Waits until the fleet is there, but for the few whose connection is being cut in this moment.
    pub(crate) async fn all_online(&mut self) -> anyhow::Result<()> {
        let enough = self.agents.len() as u64 * 95 / 100;
        until("the machines to be online", POLL, async || {
            if let Some(server) = &mut self.server {
                server.require_running()?;
            }
            Ok((self.fleet.ledger.online() >= enough).then_some(()))
        })
        .await
    }
}

/// A server which soon notices that nobody is heard any more.
fn command(home: &ServerHome) -> Command {
    let mut command = home.command_for_a_crowd();
    command.env("GURURMM_HEARTBEAT_SECONDS", "2");
    command
}
