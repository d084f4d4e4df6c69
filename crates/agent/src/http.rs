//! The HTTP requests of an agent: to enrol, to leave, and to ask for its WAN address.

use std::time::Duration;

use anyhow::{Context as _, bail};
use gururmm_observe::Printable;
use serde::{Deserialize, Serialize};

use crate::address::Address;

const TIMEOUT: Duration = Duration::from_secs(30);
const SHORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the server refused, as it says itself.
#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    code: String,
}

/// What came of a request.
pub(crate) enum Answer {
    /// The body of a success.
    Done(Vec<u8>),
    /// A problem, with its stable code and its text.
    Refused { code: String, text: String },
}

/// Sends a JSON body and waits for the answer.
pub(crate) async fn post<T: Serialize>(address: &Address, path: &str, body: &T) -> anyhow::Result<Answer> {
    let mut client = reqwest::Client::builder().timeout(TIMEOUT).user_agent(user_agent());
    if address.is_loopback() {
        client = client.no_proxy();
    }
    // a redirect could lead the site key elsewhere
    let client = client.redirect(reqwest::redirect::Policy::none()).build().context("could not prepare the request")?;
    let request = client.post(address.endpoint(path)).json(body);
    let response = request.send().await.with_context(|| format!("could not reach {address}"))?;
    let status = response.status();
    let bytes = response.bytes().await.with_context(|| format!("the answer of {address} broke off"))?;
    if status.is_success() {
        return Ok(Answer::Done(bytes.to_vec()));
    }
    if status.is_redirection() {
        bail!("{address} redirects elsewhere; name the address it redirects to");
    }
    let problem: Problem = serde_json::from_slice(&bytes).unwrap_or_default();
    let text = problem.detail.filter(|detail| !detail.is_empty()).unwrap_or(problem.title);
    let text = if text.is_empty() { format!("the server answered {status}") } else { text };
    Ok(Answer::Refused { code: problem.code, text: Printable(&text).to_string() })
}

/// Asks for a text of at most `limit` bytes.
pub(crate) async fn get_short(url: &str, limit: usize) -> anyhow::Result<String> {
    crate::tls::provide();
    let client = reqwest::Client::builder().timeout(SHORT_TIMEOUT).user_agent(user_agent());
    let client = client.redirect(reqwest::redirect::Policy::none()).build().context("could not prepare the request")?;
    let asked = client.get(url).send().await.with_context(|| format!("could not reach {url}"))?;
    let mut response = asked.error_for_status().with_context(|| format!("{url} refused"))?;
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.with_context(|| format!("the answer of {url} broke off"))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > limit {
            bail!("{url} answered more than an address");
        }
    }
    String::from_utf8(bytes).with_context(|| format!("{url} answered no text"))
}

fn user_agent() -> String {
    format!("gururmm-agent/{}", crate::version::VERSION)
}
