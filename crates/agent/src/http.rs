//! The HTTP requests of an agent: to enrol, to leave, and to ask for its WAN address.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use gururmm_observe::Printable;
use serde::{Deserialize, Serialize};

use crate::address::Address;

const TIMEOUT: Duration = Duration::from_secs(30);
const SHORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of an answer; a server's are below one thousand.
const ANSWER_MAX: usize = 64 * 1024;

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
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .user_agent(user_agent())
        // the connection that follows takes none either: what enrols must be able to connect
        .no_proxy()
        // a redirect could lead the site key elsewhere
        .redirect(reqwest::redirect::Policy::none());
    // a small system has no certificates, and needs none here
    let client = if address.is_tls() { client } else { client.tls_certs_only([]) };
    let client = client.build().context("could not prepare the request")?;
    let request = client.post(address.endpoint(path)).json(body);
    let response = request.send().await.with_context(|| format!("could not reach {address}"))?;
    let status = response.status();
    let bytes =
        content(response, ANSWER_MAX).await.with_context(|| format!("the answer of {address} cannot be used"))?;
    if status.is_success() {
        return Ok(Answer::Done(bytes));
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
    let response = asked.error_for_status().with_context(|| format!("{url} refused"))?;
    let bytes = content(response, limit).await.with_context(|| format!("the answer of {url} cannot be used"))?;
    String::from_utf8(bytes).with_context(|| format!("{url} answered no text"))
}

async fn content(mut response: reqwest::Response, limit: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.context("it broke off")? {
        bytes.extend_from_slice(&piece);
        ensure!(bytes.len() <= limit, "it is longer than any answer should be");
    }
    Ok(bytes)
}

fn user_agent() -> String {
    format!("gururmm-agent/{}", crate::version::VERSION)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn an_answer_without_end_is_not_listened_to() {
        crate::tls::provide();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = async {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _ = socket.read(&mut [0; 4096]).await.unwrap();
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            while socket.write_all(&[b' '; 4096]).await.is_ok() {}
        };
        let (answer, ()) = tokio::join!(post(&address, "api/enroll", &()), server);
        let Err(error) = answer else { panic!("it was taken") };
        assert!(format!("{error:#}").contains("longer than any"), "{error:#}");
    }
}
