//! The clients and sites of the fictitious provider, on a server.

use std::collections::HashMap;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::{Organisation, Place};

/// Makes the clients and sites of the fictitious provider where they are missing.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// The server's origin.
    pub server: &'a str,
    /// An administrator's token.
    pub token: &'a str,
}

impl Provider<'_> {
    /// A new key for each site.
    pub async fn keys(&self) -> anyhow::Result<HashMap<Place, String>> {
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
        let found =
            list["items"].as_array().and_then(|items| items.iter().find(|item| item["name"] == body["name"]).cloned());
        let one = match found {
            Some(found) => found,
            None => self.post(path, body).await?,
        };
        one["id"].as_str().map(str::to_owned).context("an answer has no id")
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(crate::http_client()?.get(format!("{}/api{path}", self.server))).await
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(crate::http_client()?.post(format!("{}/api{path}", self.server)).json(&body)).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let answer = request.bearer_auth(self.token).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "the server refuses: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }
}
