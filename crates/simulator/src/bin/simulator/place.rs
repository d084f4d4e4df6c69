//! Where machines go: the server, and the keys of the sites of a fictitious provider.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use gururmm_simulator::fleet::{Organisation, Persona, Place};
use gururmm_simulator::http_client;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The address of a server on this machine: nobody else is to be loaded.
pub(super) async fn address(server: &str) -> anyhow::Result<SocketAddr> {
    let place = server.strip_prefix("http://").with_context(|| format!("{server} is no address such as http://127.0.0.1:3001"))?;
    let found = tokio::net::lookup_host(place).await.with_context(|| format!("{server} names no server"))?;
    let addresses: Vec<SocketAddr> = found.collect();
    let Some(address) = addresses.iter().find(|address| address.is_ipv4() && address.ip().is_loopback()) else {
        bail!("{server} is not on this machine: the simulator loads only servers on a loopback address");
    };
    let answer = http_client()?.get(format!("{server}/readyz")).send().await;
    let answer = answer.with_context(|| format!("nothing answers at {server}; start the server first"))?;
    ensure!(answer.status().is_success(), "the server at {server} is not ready, or is no GuruRMM server: {}", answer.status());
    Ok(*address)
}

/// The first moment of which this run tells.
#[expect(clippy::disallowed_methods, reason = "a simulated machine lives in real time")]
pub(super) fn run_begins(back_fill: Duration) -> Timestamp {
    let back = SignedDuration::try_from(back_fill).unwrap_or_default() + SignedDuration::from_secs(1);
    Timestamp::now().saturating_sub(back).unwrap_or(Timestamp::UNIX_EPOCH)
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

struct Provider<'a> {
    server: &'a str,
    token: &'a str,
}

impl Provider<'_> {
    async fn keys(&self) -> anyhow::Result<HashMap<Place, String>> {
        let mut keys = HashMap::new();
        for place in Organisation::places() {
            let client = self.find_or_make("/clients", json!({ "name": place.client }), "").await?;
            let filter = format!("client_id={client}");
            let site = self.find_or_make("/sites", json!({ "client_id": client, "name": place.site }), &filter).await?;
            let key = self.post("/site-keys", json!({ "site_id": site, "name": "Simulated machines" })).await?;
            keys.insert(place, key["key"].as_str().context("the new site key is missing")?.to_owned());
        }
        Ok(keys)
    }

    async fn find_or_make(&self, path: &str, body: Value, filter: &str) -> anyhow::Result<String> {
        let list = self.get(&format!("{path}?limit=200&{filter}")).await?;
        let found = list["items"].as_array().and_then(|items| items.iter().find(|item| item["name"] == body["name"]).cloned());
        let one = match found {
            Some(found) => found,
            None => self.post(path, body).await?,
        };
        one["id"].as_str().map(str::to_owned).context("an answer has no id")
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(http_client()?.get(format!("{}/api{path}", self.server))).await
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(http_client()?.post(format!("{}/api{path}", self.server)).json(&body)).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let answer = request.bearer_auth(self.token).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "the server refuses: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }
}
