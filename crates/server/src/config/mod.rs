//! Configuration: built-in values, then a TOML file, then `DATABASE_URL`, then `GURURMM_*` variables, then flags. Later ones win;
//! `gururmm-server config` prints the result and where each value came from.

mod show;
mod warnings;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use gururmm_protocol::limits::WAN_SERVICES_MAX;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::platform::secret::{Secret, revealed};
use crate::platform::secrets::KeyFile;

pub use show::show;

/// Variables with our prefix that belong to logging and to the agent, which may run on the same machine or start this server.
const OTHERS_VARIABLES: &[&str] = &["log", "site_key", "server_url", "command_id", "agent_tag", "server", "state_dir"];

/// Everything that can be set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on. Plain HTTP: on other addresses than loopback put a TLS proxy in front.
    pub listen: SocketAddr,
    /// The address that people and agents use. Where it is not set: `http://localhost` with the port of `listen`.
    pub public_url: Url,
    /// Names by which browsers may call the server besides those of `public_url` and of this machine; `localhost` and addresses always
    /// work. Another name is refused, for it could be a trap (DNS rebinding).
    pub hosts: Vec<String>,
    /// An address and port for `/metrics` alone, such as `127.0.0.1:3002`: whoever reaches it may read them. Unset: `/metrics` stands on
    /// `listen`, for this machine only.
    pub metrics_listen: Option<SocketAddr>,
    /// Where the embedded database and its backups live.
    pub data_dir: PathBuf,
    /// The key that seals the server's secrets in the database: made at the first start, the same for all servers of one database. Unset:
    /// `server-key` in `data_dir`.
    pub server_key_file: Option<PathBuf>,
    /// An external PostgreSQL, as its owner or a role that may create roles. Unset: the embedded one.
    #[serde(serialize_with = "revealed")]
    pub database_url: Option<Secret<String>>,
    /// The same database as `gururmm_app`; unset, the owner's connection gives its rights up.
    #[serde(serialize_with = "revealed")]
    pub database_app_url: Option<Secret<String>>,
    /// The same database as `gururmm_ingest`; unset, the owner's connection gives its rights up.
    #[serde(serialize_with = "revealed")]
    pub database_ingest_url: Option<Secret<String>>,
    /// Where the programs of PostgreSQL lie, for the embedded one. Unset: looked for where systems keep them.
    pub postgres_dir: Option<PathBuf>,
    /// Where `linux/x86_64/gururmm-agent` and the like lie for download. Unset: `agents` beside the server's own program.
    pub agents_dir: Option<PathBuf>,
    /// Where the signed checkpoints of the audit log are written: best a place that nobody who has this machine or the database can change.
    /// Unset: `audit` in `data_dir`.
    pub audit_checkpoints_dir: Option<PathBuf>,
    /// Networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Seconds for which browsers that came by TLS come no other way (HSTS), by this host name whatever the port; 0 says nothing of it, for
    /// a proxy that does.
    pub hsts_seconds: u32,
    /// Connections at the same time, agents and browsers together; fewer where the process may open fewer files.
    pub connections_max: usize,
    /// Connections at the same time from one network (an IPv4 address or an IPv6 /64) that have neither shown a session nor are an agent's.
    /// This machine and trusted proxies are not counted.
    pub connections_per_network_max: usize,
    /// Seconds between an agent's heartbeats, 1 to 30; after three missed ones it is gone.
    pub heartbeat_seconds: u32,
    /// Seconds between two measurements of an agent.
    pub metrics_seconds: u32,
    /// Services that agents ask for their WAN address when the server sees only an inside one, at most 8, in this order. Each
    /// answers `GET` with nothing but the address. Empty, as built in: no machine asks a stranger.
    pub wan_services: Vec<Url>,
    /// Days for which measurements are kept.
    pub metrics_retention_days: u32,
    /// Days for which roll-ups of 5 minutes are kept.
    pub history_5m_retention_days: u32,
    /// Days for which roll-ups of an hour are kept.
    pub history_1h_retention_days: u32,
    /// Writes logs as JSON.
    pub log_json: bool,
    /// Limits of attempts.
    pub rate_limits: RateLimitsConfig,
    /// Requests to addresses that users configure.
    pub outgoing: OutgoingConfig,
}

/// What may be reached for a user.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutgoingConfig {
    /// Networks inside that addresses which users configure may lead to. Empty, as built in: none, neither this machine nor private networks.
    pub allow: Vec<IpNet>,
}

/// How many attempts are let through.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimitsConfig {
    /// Logins (set-up attempts, invitations and links for a new password) from one network: an IPv4 address or an IPv6 /64.
    pub login_per_minute: NonZeroU32,
    /// Logins to one account from one network; passwords compared for a person who is signed in.
    pub login_per_account_per_minute: NonZeroU32,
    /// Logins to one account from all networks that it has not logged in from lately.
    pub login_per_account_per_hour: NonZeroU32,
    /// Enrolments from one network.
    pub enroll_per_minute: NonZeroU32,
}

impl Default for RateLimitsConfig {
    fn default() -> Self {
        let limit = |attempts| NonZeroU32::new(attempts).unwrap_or(NonZeroU32::MIN);
        Self {
            login_per_minute: limit(30),
            login_per_account_per_minute: limit(10),
            login_per_account_per_hour: limit(100),
            enroll_per_minute: limit(300),
        }
    }
}

impl Config {
    /// The built-in values.
    #[expect(clippy::expect_used, reason = "constants")]
    pub fn built_in() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 3001).into(),
            public_url: "http://localhost:3001".parse().expect("a constant address"),
            hosts: Vec::new(),
            metrics_listen: None,
            data_dir: "/var/lib/gururmm-server".into(),
            server_key_file: None,
            database_url: None,
            database_app_url: None,
            database_ingest_url: None,
            postgres_dir: None,
            agents_dir: None,
            audit_checkpoints_dir: None,
            trusted_proxies: Vec::new(),
            hsts_seconds: 31_536_000,
            connections_max: 15_000,
            connections_per_network_max: 500,
            heartbeat_seconds: 30,
            metrics_seconds: 60,
            wan_services: Vec::new(),
            metrics_retention_days: 31,
            history_5m_retention_days: 92,
            history_1h_retention_days: 800,
            log_json: false,
            rate_limits: RateLimitsConfig::default(),
            outgoing: OutgoingConfig::default(),
        }
    }

    /// Where values come from, before flags.
    pub fn sources(file: Option<&std::path::Path>) -> Figment {
        let figment = Figment::from(Serialized::defaults(Self::built_in()));
        let figment = match file {
            Some(file) => figment.merge(Toml::file_exact(file)),
            None => figment.merge(Toml::file("/etc/gururmm-server/server.toml")),
        };
        // the name that hosting platforms use for it
        let figment = figment.merge(Env::raw().only(&["DATABASE_URL"]));
        figment.merge(Env::prefixed("GURURMM_").ignore(OTHERS_VARIABLES).split("__"))
    }

    /// Reads the configuration.
    pub fn load(figment: &Figment) -> Result<Self, ConfigError> {
        let mut config: Self = figment.extract().map_err(|error| ConfigError::Read(Box::new(error)))?;
        if show::is_built_in(figment, "public_url") {
            config.public_url.set_port(Some(config.listen.port())).ok();
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !matches!(self.public_url.scheme(), "http" | "https") || self.public_url.host().is_none() {
            return Err(ConfigError::Invalid(
                "public_url must be an http or https address, such as https://rmm.example.com",
            ));
        }
        if !is_origin(&self.public_url) {
            return Err(ConfigError::Invalid(
                "public_url must end after the host and port: the server answers at the root, and nowhere below",
            ));
        }
        if !self.hosts.iter().all(|name| is_host(name)) {
            return Err(ConfigError::Invalid("hosts must be names without a port, such as rmm.example.com"));
        }
        if !(1..=30).contains(&self.heartbeat_seconds) {
            return Err(ConfigError::Invalid("heartbeat_seconds must be between 1 and 30"));
        }
        if !(1..=3600).contains(&self.metrics_seconds) {
            return Err(ConfigError::Invalid("metrics_seconds must be between 1 and 3600"));
        }
        if !(2..=400).contains(&self.metrics_retention_days) {
            return Err(ConfigError::Invalid("metrics_retention_days must be between 2 and 400"));
        }
        for days in [self.history_5m_retention_days, self.history_1h_retention_days] {
            if !(2..=4_000).contains(&days) {
                let message = "history_5m_retention_days and history_1h_retention_days must be between 2 and 4000";
                return Err(ConfigError::Invalid(message));
            }
        }
        if self.wan_services.len() > WAN_SERVICES_MAX
            || self.wan_services.iter().any(|service| !matches!(service.scheme(), "http" | "https"))
        {
            return Err(ConfigError::Invalid("wan_services must be at most 8 http or https addresses"));
        }
        if self.connections_max == 0 || self.connections_per_network_max == 0 {
            return Err(ConfigError::Invalid("connections_max and connections_per_network_max must be at least 1"));
        }
        Ok(())
    }

    /// The key that seals the server's secrets.
    pub fn server_key(&self) -> KeyFile {
        KeyFile::at(self.server_key_file.clone().unwrap_or_else(|| self.data_dir.join("server-key")))
    }

    /// The key that signs the audit log: one for each server.
    pub fn audit_key(&self) -> KeyFile {
        KeyFile::at(self.data_dir.join("audit-key"))
    }

    /// Where the audit log's checkpoints are written.
    pub fn audit_checkpoints(&self) -> PathBuf {
        self.audit_checkpoints_dir.clone().unwrap_or_else(|| self.data_dir.join("audit"))
    }

    /// The origin of `public_url`, without a trailing slash.
    pub fn public_origin(&self) -> String {
        self.public_url.as_str().trim_end_matches('/').to_owned()
    }
}

/// Whether an address names a host and port, and nothing else.
fn is_origin(url: &Url) -> bool {
    url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// Whether this is a host and nothing else.
fn is_host(name: &str) -> bool {
    !name.contains([':', '/', '?', '#', '@', '*']) && url::Host::parse(name).is_ok()
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A source cannot be read or holds an unknown or wrong value.
    #[error("the configuration cannot be used: {0}")]
    Read(Box<figment::Error>),
    /// A value is out of range.
    #[error("the configuration cannot be used: {0}")]
    Invalid(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::result_large_err, reason = "the jail's closure answers figment's own error")]
    fn later_sources_win_and_unknown_names_are_refused() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("server.toml", "metrics_seconds = 30\nlisten = \"127.0.0.1:4000\"")?;
            jail.set_env("GURURMM_METRICS_SECONDS", "20");
            jail.set_env("GURURMM_RATE_LIMITS__LOGIN_PER_MINUTE", "99");
            let config = Config::load(&Config::sources(Some("server.toml".as_ref()))).expect("valid");
            assert_eq!(config.metrics_seconds, 20);
            assert_eq!(config.listen.port(), 4000);
            assert_eq!(config.public_origin(), "http://localhost:4000");
            assert_eq!(config.rate_limits.login_per_minute.get(), 99);

            assert!(config.database_url.is_none());

            jail.create_file("both.toml", "public_url = \"http://localhost:3001\"\nlisten = \"127.0.0.1:4000\"")?;
            let config = Config::load(&Config::sources(Some("both.toml".as_ref()))).expect("valid");
            assert_eq!(config.public_origin(), "http://localhost:3001");

            jail.create_file("typo.toml", "metric_seconds = 30")?;
            let error = Config::load(&Config::sources(Some("typo.toml".as_ref()))).expect_err("unknown name");
            assert!(error.to_string().contains("metric_seconds"), "{error}");
            Ok(())
        });
    }

    #[test]
    fn a_public_address_ends_after_its_host() {
        let check = |address: &str| {
            let config = Config { public_url: address.parse().unwrap(), ..Config::built_in() };
            config.check().map_err(|error| error.to_string())
        };
        for address in ["https://rmm.example.com", "https://rmm.example.com/", "http://192.0.2.1:3001"] {
            assert_eq!(check(address), Ok(()));
        }
        for rest in ["/rmm", "/?a=b", "/#a"] {
            assert!(check(&format!("https://rmm.example.com{rest}")).unwrap_err().contains("public_url"), "{rest}");
        }
        assert!(check("https://user@rmm.example.com").is_err());
    }

    #[test]
    fn names_of_the_server_are_names_and_nothing_else() {
        let check = |name: &str| Config { hosts: vec![name.to_owned()], ..Config::built_in() }.check().is_ok();
        assert!(check("rmm.example.com") && check("server1"));
        for wrong in ["", "https://rmm.example.com", "rmm.example.com:3001", "rmm.example.com/", "*.example.com", "a b"]
        {
            assert!(!check(wrong), "{wrong}");
        }
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "the jail's closure answers figment's own error")]
    fn the_database_is_taken_from_its_usual_variable_unless_ours_is_set() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("server.toml", "database_url = \"postgres://file.example.com/gururmm\"")?;
            let database = || {
                let config = Config::load(&Config::sources(Some("server.toml".as_ref()))).expect("valid");
                config.database_url.expect("an address").reveal().clone()
            };
            jail.set_env("DATABASE_URL", "postgres://usual.example.com/gururmm");
            assert_eq!(database(), "postgres://usual.example.com/gururmm");
            jail.set_env("GURURMM_DATABASE_URL", "postgres://ours.example.com/gururmm");
            assert_eq!(database(), "postgres://ours.example.com/gururmm");
            Ok(())
        });
    }
}
