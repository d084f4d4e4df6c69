//! Identity of a simulated agent.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use ed25519_dalek::{SigningKey, VerifyingKey};
use gururmm_ids::{AgentId, DeviceId, RunId, SpoolId};
use gururmm_protocol::enroll::{EnrollRequest, EnrollResponse};
use gururmm_protocol::facts::Facts;
use gururmm_protocol::secret::site_key_fingerprint;

use crate::made_up;

/// An enrolled agent: its keys and what it knows of the server.
#[derive(Clone)]
pub struct SimulatedAgent {
    /// The server's origin, such as `http://127.0.0.1:3001`.
    pub server: String,
    /// Its id.
    pub agent_id: AgentId,
    /// Its machine's id.
    pub device_id: DeviceId,
    /// Its host name.
    pub hostname: String,
    /// Its per-agent key.
    pub agent_key: String,
    /// Its device key.
    pub key: SigningKey,
    /// The server's key.
    pub server_key: VerifyingKey,
    /// The life of its spool.
    pub spool_id: SpoolId,
    /// Its run.
    pub run_id: RunId,
}

impl SimulatedAgent {
    /// Enrols a machine of this name.
    pub async fn enrol(server: &str, site_key: &str, hostname: &str) -> anyhow::Result<Self> {
        Self::enrol_with(&http_client()?, server, site_key, made_up::facts(hostname)).await
    }

    /// Enrols a machine with these facts, by a client that others use too.
    pub async fn enrol_with(
        client: &reqwest::Client,
        server: &str,
        site_key: &str,
        facts: Facts,
    ) -> anyhow::Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let key = SigningKey::from_bytes(&secret);
        let device_id = DeviceId::generate();
        let hostname = facts.hostname.clone();
        let public_key = key.verifying_key().to_bytes();
        let request = EnrollRequest { site_key: site_key.to_owned(), device_id, public_key, facts };
        let response = client.post(format!("{server}/api/enroll")).json(&request).send().await?;
        let (status, body) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "the server refused the enrolment: {status} {body}");
        let response: EnrollResponse =
            serde_json::from_str(&body).context("the answer to the enrolment cannot be read")?;
        let server_key = VerifyingKey::from_bytes(&response.server_public_key)?;
        let fingerprint = site_key_fingerprint(site_key).context("the site key names no server")?;
        ensure!(fingerprint.matches(&server_key), "this is not the server of the site key");
        Ok(Self {
            server: server.to_owned(),
            agent_id: response.agent_id,
            device_id,
            hostname,
            agent_key: response.agent_key,
            key,
            server_key,
            spool_id: SpoolId::generate(),
            run_id: RunId::generate(),
        })
    }
}

/// An HTTP client for servers on this machine.
pub fn http_client() -> anyhow::Result<reqwest::Client> {
    // both sides of a workspace build may bring a provider: the first one named counts
    rustls::crypto::ring::default_provider().install_default().ok();
    Ok(reqwest::Client::builder().timeout(Duration::from_mins(1)).no_proxy().build()?)
}
