//! A network that can be cut one way, be slow, or carry messages twice.

mod doubling;
mod line;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use doubling::Doubling;
use line::Line;

/// Which way does not get through. Connections stay open: nobody is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocked {
    /// What agents say.
    pub to_server: bool,
    /// What the server says.
    pub to_agent: bool,
}

/// A network that takes its time; each way and each connection by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slow {
    /// From one end to the other.
    pub delay: Duration,
    /// Bytes that get through in a second.
    pub bytes_per_second: u32,
}

/// What the network is like at present.
#[derive(Clone, Copy, Debug, Default)]
struct Weather {
    blocked: Blocked,
    slow: Option<Slow>,
}

/// A TCP proxy in front of a server.
pub struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    doubled: Doubled,
}

/// Messages that arrived twice, either way.
#[derive(Clone, Default)]
struct Doubled {
    to_server: Arc<AtomicUsize>,
    to_agent: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens on a free port of loopback, for the server on `server_port`.
    pub async fn start(server_port: u16) -> std::io::Result<Self> {
        Self::listen(server_port, false).await
    }

    /// The same; what the ends of a session say to each other after the handshake arrives twice.
    pub async fn start_doubling(server_port: u16) -> std::io::Result<Self> {
        Self::listen(server_port, true).await
    }

    async fn listen(server_port: u16, is_doubling: bool) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let weather = watch::Sender::new(Weather::default());
        let (reports, doubled) = (weather.clone(), Doubled::default());
        let counts = doubled.clone();
        tokio::spawn(async move {
            while let Ok((agent, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)).await else { continue };
                let ((from_agent, to_agent), (from_server, to_server)) = (agent.into_split(), server.into_split());
                let doubling = |count: &Arc<AtomicUsize>| is_doubling.then(|| Doubling::counting(Arc::clone(count)));
                let up = Line {
                    weather: reports.subscribe(),
                    is_blocked: |blocked| blocked.to_server,
                    doubling: doubling(&counts.to_server),
                };
                let down = Line {
                    weather: reports.subscribe(),
                    is_blocked: |blocked| blocked.to_agent,
                    doubling: doubling(&counts.to_agent),
                };
                tokio::spawn(up.carry(from_agent, to_server));
                tokio::spawn(down.carry(from_server, to_agent));
            }
        });
        Ok(Self { address, weather, doubled })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's origin behind it.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many messages arrived twice so far: to the server, to agents.
    pub fn doubled(&self) -> (usize, usize) {
        (self.doubled.to_server.load(Ordering::Relaxed), self.doubled.to_agent.load(Ordering::Relaxed))
    }

    /// From now on this is blocked, and nothing else.
    pub fn block(&self, blocked: Blocked) {
        self.weather.send_modify(|weather| weather.blocked = blocked);
    }

    /// From now on it is so slow, or as quick as it can be.
    pub fn slow_down(&self, slow: Option<Slow>) {
        self.weather.send_modify(|weather| weather.slow = slow);
    }
}
