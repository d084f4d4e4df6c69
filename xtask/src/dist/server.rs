//! The server that agents are built for, when they are built for one.

use anyhow::{Result, bail};
use url::Url;

/// A server, as the agent takes it.
#[derive(Clone, Debug)]
pub(crate) struct Server(Url);

impl Server {
    /// Refuses what the agent would refuse at every customer.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refused = || format!("SERVER_URL={text} is no server address; it looks like https://rmm.example.com");
        let Ok(url) = Url::parse(text) else { bail!(refused()) };
        let is_origin = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_named = url.host_str().is_some() && url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_origin || !is_named {
            bail!(refused());
        }
        Ok(Self(url))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Its host and port, as a part of a file's name and of a version: `rmm.example.com`, `rmm.example.com-8443`.
    pub(crate) fn label(&self) -> String {
        let is_odd = |sign: char| !sign.is_ascii_alphanumeric() && sign != '.';
        let host = self.0.host_str().unwrap_or_default().replace(is_odd, "-");
        self.0.port().map_or_else(|| host.clone(), |port| format!("{host}-{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_agent_would_take_is_refused_before_the_build() {
        for wrong in [
            "rmm.example.com",
            "ftp://rmm.example.com",
            "https://rmm.example.com/rmm",
            "https://a@rmm.example.com",
            "https://",
        ] {
            assert!(Server::parse(wrong).unwrap_err().to_string().contains("looks like"), "{wrong}");
        }
    }

    #[test]
    fn a_server_has_a_name_for_files() {
        let label = |text| Server::parse(text).unwrap().label();
        assert_eq!(label("https://rmm.example.com/"), "rmm.example.com");
        assert_eq!(label("https://rmm.example.com:8443"), "rmm.example.com-8443");
        assert_eq!(label("https://[2001:db8::1]"), "-2001-db8--1-");
        assert_eq!(Server::parse("https://rmm.example.com/").unwrap().as_str(), "https://rmm.example.com");
    }
}
