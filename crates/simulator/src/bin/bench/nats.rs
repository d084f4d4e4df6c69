//! The yardstick of many idle connections: `nats-server`, with one subscription on each.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use gururmm_simulator::processes::usage::resident_mb;
use gururmm_simulator::processes::{Process, folder, free_port, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const POLL: Duration = Duration::from_millis(20);
const SETTLE: Duration = Duration::from_secs(5);
/// What a client says first; the answer to the last shows that the subscription is there.
const HELLO: &[u8] = b"CONNECT {\"verbose\":false}\r\nSUB a 1\r\nPING\r\n";

/// Memory for each of so many connections, kB.
pub(crate) async fn memory_kb(program: &Path, connections: usize) -> anyhow::Result<f64> {
    let (folder, port) = (folder()?, free_port()?);
    let mut command = Command::new(program);
    command.args(["-a", "127.0.0.1", "-p", &port.to_string()]);
    let mut server = Process::start(command, &folder.path().join("nats.console"))
        .context("the yardstick is missing: `scripts/bootstrap.sh bench` fetches nats-server")?;
    let address = format!("127.0.0.1:{port}");
    until("nats-server to answer", POLL, async || {
        server.require_running()?;
        Ok(TcpStream::connect(&address).await.ok())
    })
    .await?;
    let empty = resident_mb(server.id())?;
    let mut kept = Vec::with_capacity(connections);
    for _ in 0..connections {
        kept.push(subscribe(&address).await?);
    }
    tokio::time::sleep(SETTLE).await;
    Ok((resident_mb(server.id())? - empty) * 1_000.0 / connections as f64)
}

async fn subscribe(address: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(HELLO).await?;
    let (mut heard, mut buffer) = (Vec::new(), [0; 1024]);
    while !heard.ends_with(b"PONG\r\n") {
        let count = stream.read(&mut buffer).await?;
        ensure!(count > 0, "nats-server closed a connection");
        heard.extend_from_slice(&buffer[..count]);
    }
    Ok(stream)
}
