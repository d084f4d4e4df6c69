//! A server and a crowd of simulated machines, of which each measurement takes as many as it needs.

use std::time::Duration;

use anyhow::Context as _;
use gururmm_simulator::fleet::{Faults, Fleet, Identities, Options, Provider, prepare, require_files};
use gururmm_simulator::processes::{Process, ServerHome, until};

use crate::Arguments;
use crate::product::ADMINISTRATOR;

const POLL: Duration = Duration::from_millis(50);
const SEED: u64 = 1;
/// Nobody measures unless the measurement is about that.
const NEVER: Duration = Duration::from_hours(24);

/// A server with its administrator.
pub(crate) struct Crowd {
    pub(crate) home: ServerHome,
    pub(crate) token: String,
    /// None while it is away.
    server: Option<Process>,
    /// Machines at most.
    pub(crate) machines: usize,
}

impl Crowd {
    pub(crate) async fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        let machines = arguments.machines as usize;
        require_files(machines)?;
        let home = ServerHome::new(&arguments.server)?;
        let server = home.start(home.command_for_a_crowd()).await?;
        let token = home.set_up(&ADMINISTRATOR).await?;
        Ok(Self { home, token, server: Some(server), machines })
    }

    /// Half of the machines.
    pub(crate) fn half(&self) -> usize {
        (self.machines / 2).max(1)
    }

    /// So many enrolled machines, the first of them those of before.
    pub(crate) async fn enrol(&self, count: usize) -> anyhow::Result<Identities> {
        let origin = self.home.origin();
        let keys = Provider { server: &origin, token: &self.token }.keys().await?;
        let file = self.home.folder().join("identities.jsonl");
        let key_of = |place: &_| keys.get(place).cloned().unwrap_or_default();
        prepare(Some(&file), &origin, SEED, count, |persona| key_of(&persona.place), |_| {}).await
    }

    /// The key of one of the sites.
    pub(crate) async fn site_key(&self) -> anyhow::Result<String> {
        let keys = Provider { server: &self.home.origin(), token: &self.token }.keys().await?;
        keys.into_values().next().context("the provider has no site")
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
            back_fill_step: None,
            back_fill_after: Duration::ZERO,
        }
    }

    /// Stops the server.
    pub(crate) fn stop_server(&mut self) {
        self.server = None;
    }

    /// Starts it again, and waits until it is ready.
    pub(crate) async fn start_server(&mut self) -> anyhow::Result<()> {
        self.server = Some(self.home.start(self.home.command_for_a_crowd()).await?);
        Ok(())
    }

    /// The server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.server.as_ref().map_or(0, Process::id)
    }

    /// Waits until so many are connected.
    pub(crate) async fn all_online(&mut self, fleet: &Fleet, count: usize) -> anyhow::Result<()> {
        until("all machines to be online", POLL, async || {
            if let Some(server) = &mut self.server {
                server.require_running()?;
            }
            Ok((fleet.ledger.online() >= count as u64).then_some(()))
        })
        .await
    }
}
