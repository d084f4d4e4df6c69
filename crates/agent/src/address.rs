//! The server's address: where the agent may connect, and how safely.

use std::net::IpAddr;

use url::{Host, Url};

/// The server that this build belongs to, if it belongs to one.
pub(crate) const COMPILED_IN: Option<&str> = option_env!("GURURMM_SERVER_URL");

/// Why an address is not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AddressError {
    #[error("{0:?} is no server address; it looks like https://rmm.example.com")]
    Malformed(String),
    #[error("this agent was built for {0} and accepts no other server")]
    OtherServer(String),
    #[error("{0} would send keys in the clear; use https, or --allow-insecure in a network that you trust")]
    Insecure(Url),
    #[error("name the server: --server https://rmm.example.com")]
    Missing,
}

/// A server that the agent may talk to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Checks what a person gave; the address compiled in needs none and allows no other.
    pub(crate) fn choose(given: Option<&str>, allow_insecure: bool) -> Result<Self, AddressError> {
        Self::choose_for(COMPILED_IN, given, allow_insecure)
    }

    fn choose_for(built: Option<&str>, given: Option<&str>, allow_insecure: bool) -> Result<Self, AddressError> {
        let built = built.map(Self::parse).transpose()?;
        let given = given.map(Self::parse).transpose()?;
        let address = match (built, given) {
            (Some(built), Some(given)) if built != given => {
                return Err(AddressError::OtherServer(built.0.to_string()));
            }
            (Some(address), _) | (None, Some(address)) => address,
            (None, None) => return Err(AddressError::Missing),
        };
        if address.is_protected() || allow_insecure { Ok(address) } else { Err(AddressError::Insecure(address.0)) }
    }

    /// Takes the address of an identity, whose safety was judged when it was made. An agent that was built for a server
    /// since accepts no identity of another.
    pub(crate) fn of_identity(stored: &str) -> Result<Self, AddressError> {
        Self::choose(Some(stored), true)
    }

    /// Reads an address, without asking whether it is safe.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::Malformed(text.to_owned());
        let mut url = Url::parse(text.trim()).map_err(|_| malformed())?;
        let is_http = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        if !is_http || !url.username().is_empty() || url.password().is_some() {
            return Err(malformed());
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Whether nobody between can read: TLS, or no network at all.
    pub(crate) fn is_protected(&self) -> bool {
        self.is_tls() || self.is_loopback()
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    /// The address of an HTTP endpoint, such as `api/enroll`.
    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address of the agents' WebSocket.
    pub(crate) fn websocket(&self) -> String {
        let rest = self.0.as_str().trim_start_matches(self.0.scheme());
        format!("{}{rest}ws/agent", if self.is_tls() { "wss" } else { "ws" })
    }

    /// Host and port to connect to.
    pub(crate) fn host_and_port(&self) -> (String, u16) {
        let host = match self.0.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).to_string(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_string(),
            None => String::new(),
        };
        (host, self.0.port_or_known_default().unwrap_or(443))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_endpoints() {
        let address = Address::parse("https://rmm.example.com").unwrap();
        assert_eq!(address.endpoint("api/enroll"), "https://rmm.example.com/api/enroll");
        assert_eq!(address.websocket(), "wss://rmm.example.com/ws/agent");
        assert_eq!(address.host_and_port(), ("rmm.example.com".to_owned(), 443));
        let below = Address::parse("http://[::1]:3001/rmm/?x#y").unwrap();
        assert_eq!(below.websocket(), "ws://[::1]:3001/rmm/ws/agent");
        assert_eq!(below.host_and_port(), ("::1".to_owned(), 3001));
        assert_eq!(below.to_string(), "http://[::1]:3001/rmm");
    }

    #[test]
    fn keys_do_not_travel_in_the_clear() {
        let choose = |url, insecure| Address::choose_for(None, Some(url), insecure);
        assert!(matches!(choose("http://192.0.2.1:3001", false), Err(AddressError::Insecure(_))));
        assert!(choose("http://192.0.2.1:3001", true).is_ok());
        for safe in ["http://localhost:3001", "http://127.0.0.1:3001", "http://[::1]:3001", "https://rmm.example.com"] {
            assert!(choose(safe, false).is_ok(), "{safe}");
        }
        for wrong in ["rmm.example.com", "ftp://rmm.example.com", "https://user:word@rmm.example.com", ""] {
            assert!(matches!(choose(wrong, true), Err(AddressError::Malformed(_))), "{wrong}");
        }
    }

    #[test]
    fn an_agent_built_for_a_server_accepts_no_other() {
        let built = Some("https://rmm.example.com");
        let choose = |given| Address::choose_for(built, given, true);
        assert!(choose(None).is_ok());
        assert!(choose(Some("https://rmm.example.com/")).is_ok());
        assert!(matches!(choose(Some("https://rmm.example.net")), Err(AddressError::OtherServer(_))));
    }
}
