//! Who asks: the client's address, and whether the browser came over TLS.
//!
//! Behind a proxy the connection is the proxy's. `X-Forwarded-For` and `X-Forwarded-Proto` count only when the peer is in
//! `trusted_proxies`; the address is then the last one that no trusted proxy wrote. Anybody else could write anything there.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use gururmm_ids::RequestId;
use gururmm_protocol::network::is_public;
use ipnet::IpNet;

use crate::app::AppState;

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The client's address.
    pub ip: IpAddr,
    /// Whether the client speaks TLS with us or our proxy.
    pub is_https: bool,
    /// The request's id.
    pub request_id: RequestId,
}

impl Origin {
    /// Where a request with these parts comes from.
    pub fn of(extensions: &Extensions, headers: &HeaderMap, app: &AppState) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
        let request_id = extensions.get::<RequestId>().copied().unwrap_or_else(RequestId::generate);
        let trusted = &app.config.trusted_proxies;
        let peer = peer.to_canonical();
        let is_https = is_trusted(trusted, peer) && header(headers, "x-forwarded-proto").eq_ignore_ascii_case("https");
        Self { ip: client_ip(peer, headers, trusted), is_https, request_id }
    }

    /// The network that counts as one requester: see [`network`].
    pub fn network(&self) -> IpNet {
        network(self.ip)
    }

    /// The requester's address on the internet, as we see it; none when it reaches us from inside.
    pub fn public_ip(&self) -> Option<IpAddr> {
        is_public(self.ip).then_some(self.ip)
    }
}

/// What belongs to one host: an IPv4 address, or the /64 of an IPv6 address (a host has all of it).
pub fn network(ip: IpAddr) -> IpNet {
    let ip = ip.to_canonical();
    let length = if ip.is_ipv4() { 32 } else { 64 };
    IpNet::new(ip, length).map_or_else(|_| IpNet::from(ip), |net| net.trunc())
}

impl<S: Send + Sync> FromRequestParts<S> for Origin
where
    AppState: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions, &parts.headers, &AppState::from_ref(state)))
    }
}

fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    if !is_trusted(trusted, peer) {
        return peer;
    }
    let mut client = peer;
    let mut lines: Vec<&[u8]> = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes).collect();
    lines.reverse();
    // as bytes: what a stranger writes before what our proxy adds must not make the line unreadable
    for part in lines.iter().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
        let Some(ip) = str::from_utf8(part).ok().and_then(|text| text.trim().parse::<IpAddr>().ok()) else { break };
        client = ip.to_canonical();
        if !is_trusted(trusted, client) {
            break;
        }
    }
    client
}

fn is_trusted(trusted: &[IpNet], ip: IpAddr) -> bool {
    trusted.iter().any(|net| net.contains(&ip))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_is_one_network() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7/32");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7/32");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }

    fn headers(forwarded: &str) -> HeaderMap {
        HeaderMap::from_iter([(axum::http::HeaderName::from_static("x-forwarded-for"), forwarded.parse().unwrap())])
    }

    #[test]
    fn only_a_trusted_proxy_may_name_the_client() {
        let trusted = ["192.0.2.0/24".parse().unwrap()];
        let proxy: IpAddr = "192.0.2.7".parse().unwrap();
        let stranger: IpAddr = "198.51.100.1".parse().unwrap();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(client_ip(stranger, &headers("203.0.113.9"), &trusted), stranger);
        assert_eq!(client_ip(proxy, &headers("203.0.113.9"), &trusted), ip("203.0.113.9"));
        assert_eq!(client_ip(proxy, &headers("10.0.0.1, 203.0.113.9, 192.0.2.8"), &trusted), ip("203.0.113.9"));
        assert_eq!(client_ip(proxy, &headers("203.0.113.9, nonsense"), &trusted), proxy);
        assert_eq!(client_ip(proxy, &HeaderMap::new(), &trusted), proxy);
        let unreadable = HeaderValue::from_bytes(b"\xff, 203.0.113.9").unwrap();
        let name = axum::http::HeaderName::from_static("x-forwarded-for");
        let mut headers = HeaderMap::from_iter([(name.clone(), unreadable)]);
        assert_eq!(client_ip(proxy, &headers, &trusted), ip("203.0.113.9"));
        headers.append(name, "198.51.100.1".parse().unwrap());
        assert_eq!(client_ip(proxy, &headers, &trusted), ip("198.51.100.1"));
    }
}
