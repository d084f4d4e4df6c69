//! Requests to addresses that a user has configured: the one client that may make them.
//!
//! Somebody who may name an address must not reach through the server what only the server can reach: other programs on its machine, its
//! network, the metadata of its cloud. An address *inside* is refused whatever form it is written in, unless the operator has opened its
//! network (`outgoing.allow`). Names are looked up here, every answer is checked, and the connection goes to what was checked, while the name
//! stays for TLS and `Host`. No redirect is followed and no proxy of the environment asked: either would choose another address. Time and
//! answers are bounded. Nothing else in the server makes requests (`cargo xtask arch`).

mod inside;
mod names;

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Method, Response};
use bytes::{Bytes, BytesMut};
use ipnet::IpNet;
use tokio::sync::OnceCell;
use url::{Host, Url};

use names::{Border, CheckedNames, Inside};
pub use names::{Found, Names, SystemNames};

/// Longest time from the look-up to the last byte of the answer.
const WITHIN: Duration = Duration::from_secs(10);
/// Largest body of an answer, bytes.
const ANSWER_MAX: usize = 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// Neither http nor https.
    #[error("only http and https addresses can be called")]
    Scheme,
    /// The address lies inside. Which one it is, is for the log: it may say more than the caller is to know.
    #[error("{host} leads to an address inside; the operator can open its network with outgoing.allow")]
    Inside {
        /// The host of the address.
        host: String,
        /// Where it leads.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Nobody answered, or not in HTTP, or with another's certificate.
    #[error("{host} could not be asked")]
    Failed {
        /// The host of the address.
        host: String,
        /// What went wrong.
        #[source]
        source: reqwest::Error,
    },
    /// The answer did not come in time.
    #[error("{host} did not answer in time")]
    TooSlow {
        /// The host of the address.
        host: String,
    },
    /// The answer is larger than anything that is expected.
    #[error("{host} answered more than 1 MiB")]
    TooLarge {
        /// The host of the address.
        host: String,
    },
    /// The client could not be made: this machine trusts nobody, say.
    #[error("no request can be made")]
    Unprepared(#[source] reqwest::Error),
}

/// The client.
pub struct Outgoing {
    border: Border,
    names: Arc<dyn Names>,
    within: Duration,
    /// Made when it is needed first: a machine without root certificates has a server all the same.
    client: OnceCell<reqwest::Client>,
}

impl Outgoing {
    /// A client for everything outside and for these networks inside.
    pub fn new(allow: &[IpNet]) -> Self {
        Self::with(allow, Arc::new(SystemNames), WITHIN)
    }

    /// One that looks names up elsewhere and has another time.
    pub fn with(allow: &[IpNet], names: Arc<dyn Names>, within: Duration) -> Self {
        Self { border: Border::new(allow), names, within, client: OnceCell::new() }
    }

    /// Sends one request and reads the whole answer, whatever its status.
    pub async fn send(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response<Bytes>, OutgoingError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OutgoingError::Scheme);
        }
        self.check_literal(&url)
            .map_err(|source| OutgoingError::Inside { host: host.clone(), source: source.into() })?;
        let client = self.client.get_or_try_init(async || self.prepare()).await?;
        let asked = async {
            let response = client.request(method, url).headers(headers).body(body).send().await;
            read(response.map_err(|source| failed(&host, source))?, &host).await
        };
        match tokio::time::timeout(self.within, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(OutgoingError::TooSlow { host }),
        }
    }

    /// An address that is none of a name is never looked up. Decimal, octal and hexadecimal forms are plain ones in a parsed [`Url`].
    fn check_literal(&self, url: &Url) -> Result<(), Inside> {
        match url.host() {
            Some(Host::Ipv4(ip)) => self.border.check(ip.into()),
            Some(Host::Ipv6(ip)) => self.border.check(ip.into()),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    fn prepare(&self) -> Result<reqwest::Client, OutgoingError> {
        // tests have other clients in the same process: the first provider named counts
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let names = CheckedNames { names: Arc::clone(&self.names), border: self.border.clone() };
        reqwest::Client::builder()
            .user_agent(concat!("gururmm/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(names))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(self.within)
            // each request is looked up and checked anew
            .pool_max_idle_per_host(0)
            .build()
            .map_err(OutgoingError::Unprepared)
    }
}

async fn read(mut response: reqwest::Response, host: &str) -> Result<Response<Bytes>, OutgoingError> {
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|source| failed(host, source))? {
        if body.len() + piece.len() > ANSWER_MAX {
            return Err(OutgoingError::TooLarge { host: host.to_owned() });
        }
        body.extend_from_slice(&piece);
    }
    let mut answer = Response::new(body.freeze());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}

/// Tells the wall from the rest.
fn failed(host: &str, source: reqwest::Error) -> OutgoingError {
    // an address may hold a password, or a token in its path
    let (host, source) = (host.to_owned(), source.without_url());
    match inside(&source) {
        Some(address) => OutgoingError::Inside { host, source: Inside(address).into() },
        None => OutgoingError::Failed { host, source },
    }
}

/// The address that was refused, if that is what went wrong.
fn inside(error: &(dyn Error + 'static)) -> Option<IpAddr> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(Inside(address)) = error.downcast_ref() {
            return Some(*address);
        }
        cause = error.source();
    }
    None
}
