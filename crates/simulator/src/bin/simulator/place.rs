//! Where machines go: the server, and the keys of the sites of a fictitious provider.

use std::collections::HashMap;
use std::net::SocketAddr;

use anyhow::{Context as _, bail, ensure};
use gururmm_simulator::fleet::{Persona, Place, Provider};
use gururmm_simulator::http_client;

/// What a server says that can work.
const READY: &str = "ready\n";

/// The address of a server on this machine: nobody else is to be loaded.
pub(super) async fn address(server: &str) -> anyhow::Result<SocketAddr> {
    let place = server
        .strip_prefix("http://")
        .with_context(|| format!("{server} is no address such as http://127.0.0.1:3001"))?;
    let found = tokio::net::lookup_host(place).await.with_context(|| format!("{server} names no server"))?;
    let addresses: Vec<SocketAddr> = found.collect();
    let Some(address) = addresses.iter().find(|address| address.is_ipv4() && address.ip().is_loopback()) else {
        bail!("{server} is not on this machine: the simulator loads only servers on a loopback address");
    };
    let answer = http_client()?.get(format!("{server}/readyz")).send().await;
    let answer = answer.with_context(|| format!("nothing answers at {server}; start the server first"))?;
    let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
    ensure!(
        status.is_success() && text == READY,
        "the server at {server} is not ready, or is no GuruRMM server: it answered {status}"
    );
    Ok(*address)
}

/// With which key a machine enrols.
pub(super) enum Keys {
    One(String),
    OfPlaces(HashMap<Place, String>),
}

impl Keys {
    /// The given key, or one for each site of the provider, which are made when they are missing.
    pub(super) async fn prepare(server: &str, site_key: Option<String>, token: Option<&str>) -> anyhow::Result<Self> {
        match (site_key, token) {
            (Some(key), _) => Ok(Self::One(key)),
            (None, Some(token)) => Ok(Self::OfPlaces(Provider { server, token }.keys().await?)),
            (None, None) => bail!("name a site key (--site-key), or an administrator's token (--token)"),
        }
    }

    pub(super) fn of(&self, persona: &Persona) -> String {
        match self {
            Self::One(key) => key.clone(),
            Self::OfPlaces(keys) => keys.get(&persona.place).cloned().unwrap_or_default(),
        }
    }
}
