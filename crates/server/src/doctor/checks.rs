//! What the configuration speaks of: itself, the database, the port, the address.

use std::net::SocketAddr;
use std::time::Duration;

use gururmm_observe::ErrorChain;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Check;
use crate::config::Config;
use crate::lifecycle::embedded_config;
use crate::platform::db;
use crate::platform::http::hosts::Hosts;
use crate::platform::secrets::KeyFile;

/// Longest wait for somebody else's answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);

pub(super) fn configuration(config: &Config) -> Vec<Check> {
    const NAME: &str = "configuration";
    match config.warnings() {
        warnings if warnings.is_empty() => vec![Check::ok(NAME, "it can be read and makes sense")],
        warnings => warnings.into_iter().map(|warning| Check::warning(NAME, warning)).collect(),
    }
}

pub(super) async fn database(config: &Config) -> Check {
    match &config.database_url {
        Some(url) => external(url.reveal()).await,
        None => embedded(config).await,
    }
}

async fn embedded(config: &Config) -> Check {
    const NAME: &str = "database";
    let embedded = embedded_config(config);
    match tokio::task::spawn_blocking(move || embedded.version()).await {
        Ok(Ok(version)) => Check::ok(NAME, format!("the embedded one, by PostgreSQL {version} of this machine")),
        Ok(Err(error)) => Check::error(NAME, ErrorChain(&error).to_string()),
        Err(error) => Check::error(NAME, error.to_string()),
    }
}

async fn external(url: &str) -> Check {
    const NAME: &str = "database";
    let minimum = gururmm_embedded_postgres::MINIMUM_MAJOR;
    match tokio::time::timeout(ANSWER_MAX, db::server_version(url)).await {
        Ok(Ok(version)) if version < minimum => {
            Check::error(NAME, format!("it is PostgreSQL {version}; {minimum} or newer is needed"))
        }
        Ok(Ok(version)) => Check::ok(NAME, format!("the one of database_url, PostgreSQL {version}")),
        Ok(Err(error)) => Check::error(NAME, ErrorChain(&error).to_string()),
        Err(_) => Check::error(NAME, "the one of database_url does not answer"),
    }
}

/// Whether what seals the server's secrets is there, and is its own.
pub(super) fn server_key(config: &Config) -> Check {
    key("server key", &config.server_key(), "; keep a copy of it, apart from copies of the database")
}

/// Whether what signs the audit log is there, and is the server's own.
pub(super) fn audit_key(config: &Config) -> Check {
    key("audit key", &config.audit_key(), "")
}

fn key(name: &'static str, file: &KeyFile, advice: &str) -> Check {
    match (file.read(), file.is_private()) {
        (Ok(Some(_)), true) => Check::ok(name, format!("{file}{advice}")),
        (Ok(Some(_)), false) => Check::error(name, format!("others on this machine can read {file}: chmod 600 {file}")),
        (Ok(None), _) => Check::ok(name, format!("the first start makes {file}")),
        (Err(error), _) => Check::error(name, ErrorChain(&error).to_string()),
    }
}

pub(super) async fn port(config: &Config) -> Check {
    bind("port", config.listen, "--listen").await
}

/// The address of `/metrics`, when it has one of its own.
pub(super) async fn metrics_port(config: &Config) -> Option<Check> {
    Some(bind("metrics port", config.metrics_listen?, "metrics_listen").await)
}

async fn bind(name: &'static str, address: SocketAddr, setting: &str) -> Check {
    match TcpListener::bind(address).await {
        Ok(_) => Check::ok(name, format!("{address} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && is_ours(address).await => {
            Check::ok(name, format!("a server answers on {address}"))
        }
        Err(error) => {
            let error = crate::lifecycle::listen_error(address, setting, error);
            Check::error(name, ErrorChain(&error).to_string())
        }
    }
}

/// Whether a server of ours listens there.
async fn is_ours(address: SocketAddr) -> bool {
    tokio::time::timeout(ANSWER_MAX, health(address)).await.is_ok_and(|answer| {
        answer.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200") && answer.contains("x-request-id: "))
    })
}

async fn health(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(4_096).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

pub(super) async fn public_url(config: &Config) -> Check {
    const NAME: &str = "public_url";
    let url = &config.public_url;
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Check::error(NAME, format!("{url} names no host"));
    };
    let host = host.trim_matches(['[', ']']);
    let found = match tokio::time::timeout(ANSWER_MAX, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(found)) => found.collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    if found.is_empty() {
        return Check::warning(NAME, format!("{host} has no address as seen from here; agents could not find {url}"));
    }
    if found.iter().all(|address| address.ip().is_loopback()) {
        return Check::warning(
            NAME,
            format!("{url} leads to this machine only; agents elsewhere need another address"),
        );
    }
    Check::ok(NAME, url.to_string())
}

/// By which names browsers may call the server.
pub(super) fn hosts(config: &Config) -> Check {
    let names = Hosts::of(config).told(config);
    Check::ok("hosts", format!("browsers may call it {names}, or by an address; other names belong into hosts"))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::Verdict;
    use super::*;

    async fn verdict_on(public_url: &str) -> Verdict {
        let public_url = public_url.parse().unwrap();
        super::public_url(&Config { public_url, ..Config::built_in() }).await.verdict
    }

    #[test]
    fn a_server_key_that_others_can_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().to_owned(), ..Config::built_in() };
        assert_eq!(server_key(&config).verdict, Verdict::Ok);
        config.server_key().create().unwrap();
        assert_eq!(server_key(&config).verdict, Verdict::Ok);
        let path = folder.path().join("server-key");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert_eq!(server_key(&config).verdict, Verdict::Error);
        fs::write(&path, "nonsense").unwrap();
        assert_eq!(server_key(&config).verdict, Verdict::Error);
    }

    #[tokio::test]
    async fn an_address_that_others_cannot_reach_is_told() {
        assert_eq!(verdict_on("http://localhost:3001").await, Verdict::Warning);
        assert_eq!(verdict_on("http://[::1]:3001").await, Verdict::Warning);
        assert_eq!(verdict_on("http://192.0.2.1:3001").await, Verdict::Ok);
    }

    #[tokio::test]
    async fn a_port_that_somebody_else_has_is_an_error() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let listen = taken.local_addr().unwrap();
        let config = Config { listen, ..Config::built_in() };
        let silent = tokio::spawn(async move { while taken.accept().await.is_ok() {} });
        let found = port(&config).await;
        assert_eq!(found.verdict, Verdict::Error);
        assert!(found.message.contains("--listen"), "{}", found.message);
        silent.abort();
        silent.await.unwrap_err();
        assert_eq!(port(&config).await.verdict, Verdict::Ok);
    }
}
