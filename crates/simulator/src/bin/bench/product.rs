//! A server, a real agent and an administrator.

use std::time::Duration;

use anyhow::Context as _;
use gururmm_simulator::http_client;
use gururmm_simulator::processes::{Administrator, AgentHome, Process, ServerHome, until};
use serde_json::Value;

use crate::Arguments;

const ADMINISTRATOR: Administrator<'_> =
    Administrator { email: "technician.one@example.com", password: "correct horse battery" };
const POLL: Duration = Duration::from_millis(20);

/// The product with one machine. The agent goes first, then the server, then their folders.
pub(crate) struct Product {
    pub(crate) origin: String,
    pub(crate) token: String,
    pub(crate) agent_id: String,
    pub(crate) agent: Process,
    pub(crate) server: Process,
    _homes: (AgentHome, ServerHome),
}

impl Product {
    /// Starts everything and waits until the agent is online.
    pub(crate) async fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        let home = ServerHome::new(&arguments.server)?;
        let origin = home.origin();
        let server = home.start(home.command()).await?;
        let token = home.set_up(&ADMINISTRATOR).await?;
        let agent_home = AgentHome::enrol(&arguments.agent, &origin, &home.local_site_key().await?)?;
        let mut agent = agent_home.run()?;
        let agent_id = online(&origin, &token, &mut agent).await.context("the agent")?;
        Ok(Self { origin, token, agent_id, agent, server, _homes: (agent_home, home) })
    }
}

async fn online(origin: &str, token: &str, agent: &mut Process) -> anyhow::Result<String> {
    let (client, url) = (http_client()?, format!("{origin}/api/agents"));
    until("the machine to be online", POLL, async || {
        agent.require_running()?;
        let agents: Value = client.get(&url).bearer_auth(token).send().await?.error_for_status()?.json().await?;
        let machine = &agents["items"][0];
        let id = machine["id"].as_str().filter(|_| machine["status"] == "online");
        Ok(id.map(str::to_owned))
    })
    .await
}
