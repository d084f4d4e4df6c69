//! A server, a real agent and an administrator.

use std::time::Duration;

use anyhow::Context as _;
use gururmm_simulator::http_client;
use gururmm_simulator::processes::{Administrator, AgentHome, Process, ServerHome, until};
use serde_json::Value;

use crate::Arguments;

pub(crate) const ADMINISTRATOR: Administrator<'_> =
    Administrator { email: "technician.one@example.com", password: "correct horse battery" };
const POLL: Duration = Duration::from_millis(20);

/// A real agent at a server. The agent goes first, then its folder.
pub(crate) struct Machine {
    pub(crate) origin: String,
    pub(crate) token: String,
    pub(crate) agent_id: String,
    pub(crate) agent: Process,
    home: AgentHome,
}

impl Machine {
    /// Enrols one with this key, and waits until it is online. It is the last that was enrolled there.
    pub(crate) async fn join(arguments: &Arguments, origin: &str, token: &str, site_key: &str) -> anyhow::Result<Self> {
        let home = AgentHome::enrol(&arguments.agent, origin, site_key)?;
        let mut agent = home.run()?;
        let agent_id = online(origin, token, &mut agent).await.context("the agent")?;
        Ok(Self { origin: origin.to_owned(), token: token.to_owned(), agent_id, agent, home })
    }

    /// Starts the agent again, and waits until it is online.
    pub(crate) async fn start_again(&mut self) -> anyhow::Result<()> {
        self.agent = self.home.run()?;
        online(&self.origin, &self.token, &mut self.agent).await.map(drop)
    }

    /// Its status, as the server tells it.
    pub(crate) async fn status(&self) -> anyhow::Result<String> {
        let url = format!("{}/api/agents/{}", self.origin, self.agent_id);
        let agent: Value =
            http_client()?.get(url).bearer_auth(&self.token).send().await?.error_for_status()?.json().await?;
        Ok(agent["status"].as_str().unwrap_or_default().to_owned())
    }
}

/// A server with one machine. The machine goes first, then the server, then its folder.
pub(crate) struct Product {
    pub(crate) machine: Machine,
    pub(crate) server: Process,
    pub(crate) home: ServerHome,
}

impl Product {
    /// Starts everything and waits until the agent is online.
    pub(crate) async fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        let home = ServerHome::new(&arguments.server)?;
        let server = home.start(home.command()).await?;
        let token = home.set_up(&ADMINISTRATOR).await?;
        let machine = Machine::join(arguments, &home.origin(), &token, &home.local_site_key().await?).await?;
        Ok(Self { machine, server, home })
    }
}

async fn online(origin: &str, token: &str, agent: &mut Process) -> anyhow::Result<String> {
    let (client, url) = (http_client()?, format!("{origin}/api/agents?sort=enrolled&order=desc&limit=1"));
    until("the machine to be online", POLL, async || {
        agent.require_running()?;
        let agents: Value = client.get(&url).bearer_auth(token).send().await?.error_for_status()?.json().await?;
        let machine = &agents["items"][0];
        let id = machine["id"].as_str().filter(|_| machine["status"] == "online");
        Ok(id.map(str::to_owned))
    })
    .await
}
