//! Whether the server lives, whether it can work, and how it fares: for supervisors, load balancers and monitoring.
//!
//! `/healthz` asks nothing of anybody: whoever restarts a server because its database is away makes things worse. `/readyz`
//! asks the database. `/metrics` is for programs on this machine only, or for whoever reaches an address of its own
//! (`metrics_listen`): a proxy on this machine that leaves no mark makes everybody look like this machine.

mod exposition;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::AppState;
use crate::platform::http::Problem;

/// A probe waits no longer; the pool would wait for its own time.
const DATABASE_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// This feature's routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).route("/metrics", get(metrics))
}

/// What the address of `/metrics` alone answers.
pub fn metrics_routes() -> Router<AppState> {
    Router::new().route("/metrics", get(page)).route("/healthz", get(healthz)).fallback(|| async { nothing_here() })
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn readyz(State(app): State<AppState>) -> Result<&'static str, Problem> {
    match tokio::time::timeout(DATABASE_ANSWERS_WITHIN, app.db.is_reachable()).await {
        Ok(true) => Ok("ready\n"),
        Ok(false) | Err(_) => Err(Problem::unavailable("the database does not answer")),
    }
}

async fn metrics(State(app): State<AppState>, request: Request) -> Result<Response, Problem> {
    if app.config.metrics_listen.is_some() {
        return Err(nothing_here());
    }
    if !is_local(request.extensions(), request.headers()) {
        return Err(Problem::forbidden("forbidden", "Metrics are for programs on the server's own machine."));
    }
    Ok(page(State(app)).await)
}

async fn page(State(app): State<AppState>) -> Response {
    let text = exposition::text(&app).await;
    ([(header::CONTENT_TYPE, exposition::CONTENT_TYPE)], text).into_response()
}

fn nothing_here() -> Problem {
    Problem::not_found("not_found", "There is nothing at this address.")
}

/// Whether a program on this machine asks for itself: the connection comes from here, and it is no proxy that asks for
/// somebody else.
fn is_local(extensions: &Extensions, headers: &HeaderMap) -> bool {
    let peer: Option<IpAddr> = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let is_forwarded = headers.keys().map(HeaderName::as_str).any(is_a_proxys);
    peer.is_some_and(|ip| ip.is_loopback()) && !is_forwarded && is_loopback_name(headers)
}

/// Whether the server was called by a name of this machine: a proxy without headers of its own passes on the name that it was called by.
fn is_loopback_name(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
}

/// Whether proxies add a header of this name; each product adds some of them.
fn is_a_proxys(name: &str) -> bool {
    name.starts_with("x-forwarded-") || matches!(name, "forwarded" | "via" | "x-real-ip")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(peer: Option<&str>, headers: &[(&'static str, &'static str)]) -> bool {
        let mut extensions = Extensions::new();
        if let Some(peer) = peer {
            extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 40_000)));
        }
        let usual = [("host", "localhost:3001")];
        let host = usual.iter().filter(|_| headers.iter().all(|(name, _)| *name != "host"));
        let headers = host
            .chain(headers)
            .map(|(name, value)| (HeaderName::from_static(name), header::HeaderValue::from_static(value)))
            .collect();
        is_local(&extensions, &headers)
    }

    #[test]
    fn only_this_machine_may_read_the_metrics_and_no_header_changes_that() {
        assert!(asks(Some("127.0.0.1"), &[]));
        assert!(asks(Some("::1"), &[]));
        assert!(asks(Some("::ffff:127.0.0.1"), &[]));
        assert!(!asks(Some("192.0.2.1"), &[]));
        assert!(!asks(Some("192.0.2.1"), &[("x-forwarded-for", "127.0.0.1")]));
        for name in ["x-forwarded-for", "x-forwarded-host", "forwarded", "via", "x-real-ip"] {
            assert!(!asks(Some("127.0.0.1"), &[(name, "192.0.2.1")]), "{name}");
        }
        assert!(asks(Some("127.0.0.1"), &[("x-request-id", "1")]));
        assert!(!asks(None, &[]));
        assert!(asks(Some("127.0.0.1"), &[("host", "[::1]:3001")]));
        assert!(!asks(Some("127.0.0.1"), &[("host", "rmm.example.com")]));
    }
}
