//! The names by which the server may be called.
//!
//! A stranger's web page can make a browser believe that the stranger's name leads to this server (DNS rebinding): the page then counts as
//! ours, and sees through the browser what whoever stands in our network sees. The browser still says the name that it went to. A *name of
//! ours* is the host of `public_url`, `localhost`, this machine's own name, or one of `hosts`; an address is always ours, for none can be
//! made to lead elsewhere. Whoever says another name, or none, is refused.
//!
//! What machines ask is exempt: it knows no cookie, shows nothing without keys, and a machine that was enrolled by an old name could not tell
//! anybody why it is away.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};

use super::problem::Problem;
use crate::config::Config;

/// Of supervisors, and of machines.
const EXEMPT: [&str; 5] = ["/healthz", "/ws/agent", "/api/enroll", "/api/unenroll", "/install.sh"];
const EXEMPT_BELOW: &str = "/downloads/agent/";
/// What networks at home and at work put behind a machine's name; none of them can be bought.
const LOCAL_DOMAINS: [&str; 7] = ["corp", "home", "home.arpa", "internal", "lan", "local", "localdomain"];
const RESOLVER: &str = "/etc/resolv.conf";

/// The names of ours.
#[derive(Debug)]
pub struct Hosts {
    names: BTreeSet<String>,
    hostname: String,
}

impl Hosts {
    /// Those of this configuration on this machine.
    pub fn of(config: &Config) -> Self {
        let hostname = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let resolver = std::fs::read_to_string(Path::new(RESOLVER)).unwrap_or_default();
        Self::new(config, &hostname, &resolver)
    }

    fn new(config: &Config, hostname: &str, resolver: &str) -> Self {
        let mut names = BTreeSet::from(["localhost".to_owned()]);
        names.extend(config.public_url.host_str().map(plain));
        names.extend(config.hosts.iter().map(|name| plain(name)));
        let hostname = plain(hostname);
        if let Some(short) = hostname.split('.').next().filter(|short| !short.is_empty()) {
            let domains = LOCAL_DOMAINS.into_iter().chain(searched(resolver));
            names.extend(domains.map(|domain| plain(&format!("{short}.{domain}"))));
            names.extend([short.to_owned(), hostname.clone()]);
        }
        Self { names, hostname }
    }

    /// Whether a request that says this is meant for us.
    pub fn check(&self, path: &str, headers: &HeaderMap) -> Result<(), Problem> {
        if EXEMPT.contains(&path) || path.starts_with(EXEMPT_BELOW) {
            return Ok(());
        }
        let mut said = headers.get_all(header::HOST).iter();
        let (host, more) = (said.next().and_then(|host| Authority::try_from(host.as_bytes()).ok()), said.next());
        match host {
            Some(host) if more.is_none() && self.is_ours(host.host()) => Ok(()),
            Some(host) if more.is_none() => Err(wrong(host.host())),
            _ => Err(Problem::new(
                StatusCode::MISDIRECTED_REQUEST,
                CODE,
                "The request must say in the header Host, once, by which name it calls the server.",
            )),
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        is_address || self.names.contains(&plain(host))
    }

    /// For whoever sets the server up: what it is called.
    pub fn told(&self, config: &Config) -> String {
        let set =
            config.public_url.host_str().map(plain).into_iter().chain(config.hosts.iter().map(|name| plain(name)));
        let machine = std::iter::once(self.hostname.clone()).filter(|name| !name.is_empty());
        let names: BTreeSet<String> = set.chain(machine).chain(["localhost".to_owned()]).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    }
}

const CODE: &str = "wrong_host";

fn wrong(host: &str) -> Problem {
    let detail = format!(
        "This server does not know the name {host}. If it is to be called so, add the name to its configuration (hosts = [\"{host}\"], or as the \
         host of public_url) and start it again; by an address of the machine it can be called without."
    );
    Problem::new(StatusCode::MISDIRECTED_REQUEST, CODE, detail)
}

/// Names are the same in capitals, and with the dot that ends them.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Domains in which this machine looks names up, so that its own name in them is its name.
fn searched(resolver: &str) -> impl Iterator<Item = &str> {
    let lines = resolver.lines().filter_map(|line| line.strip_prefix("search ").or(line.strip_prefix("domain ")));
    lines.flat_map(str::split_whitespace).filter(|domain| *domain != ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        let config = Config {
            public_url: "https://RMM.example.com".parse().unwrap(),
            hosts: vec!["Other.example.com".to_owned()],
            ..Config::built_in()
        };
        Hosts::new(&config, "Server1", "nameserver 192.0.2.1\nsearch office.example.com .\noptions edns0\n")
    }

    fn says(host: &str) -> bool {
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        hosts().check("/", &headers).is_ok()
    }

    #[test]
    fn names_of_ours_and_addresses_are_ours_with_any_port() {
        for host in [
            "rmm.example.com",
            "RMM.example.com.",
            "rmm.example.com:8443",
            "other.example.com",
            "localhost",
            "localhost:3001",
            "127.0.0.1:3001",
            "192.0.2.7",
            "[2001:db8::1]:3001",
            "[::1]",
            "server1",
            "SERVER1:3001",
            "server1.local",
            "server1.lan:3001",
            "server1.office.example.com",
        ] {
            assert!(says(host), "{host}");
        }
    }

    #[test]
    fn other_names_are_not_however_they_are_dressed() {
        for host in [
            "evil.example.net",
            "rmm.example.com.evil.example.net",
            "evilrmm.example.com",
            "example.com",
            "server1.evil.example.net",
            "server2",
            "127.0.0.1.evil.example.net",
            "localhost.evil.example.net",
            "2130706433",
            "0x7f.1",
            "rmm.example.com@evil.example.net",
            "",
            "a b",
            "[::1",
        ] {
            assert!(!says(host), "{host}");
        }
    }

    #[test]
    fn a_name_that_is_missing_or_said_twice_is_no_name_of_ours() {
        let mut headers = HeaderMap::new();
        assert!(hosts().check("/", &headers).is_err());
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert!(hosts().check("/", &headers).is_ok());
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert!(hosts().check("/", &headers).is_err());
        assert!(hosts().check("/healthz", &headers).is_ok());
    }

    #[test]
    fn a_machine_without_a_name_has_none() {
        let hosts = Hosts::new(&Config::built_in(), "", "search office.example.com");
        assert!(
            !hosts.is_ours("") && !hosts.is_ours(".local") && !hosts.is_ours("local") && hosts.is_ours("localhost")
        );
    }
}
