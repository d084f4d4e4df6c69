//! A network that can be cut one way.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Which way does not get through. Connections stay open: nobody is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocked {
    /// What agents say.
    pub to_server: bool,
    /// What the server says.
    pub to_agent: bool,
}

/// A TCP proxy in front of a server.
pub struct Proxy {
    address: SocketAddr,
    blocked: watch::Sender<Blocked>,
}

impl Proxy {
    /// Listens on a free port of loopback, for the server on `server_port`.
    pub async fn start(server_port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let blocked = watch::Sender::new(Blocked::default());
        let states = blocked.clone();
        tokio::spawn(async move {
            while let Ok((agent, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server_port)).await else { continue };
                let ((from_agent, to_agent), (from_server, to_server)) = (agent.into_split(), server.into_split());
                tokio::spawn(pump(from_agent, to_server, states.subscribe(), |blocked| blocked.to_server));
                tokio::spawn(pump(from_server, to_agent, states.subscribe(), |blocked| blocked.to_agent));
            }
        });
        Ok(Self { address, blocked })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's origin behind it.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on this is blocked, and nothing else.
    pub fn block(&self, blocked: Blocked) {
        self.blocked.send_replace(blocked);
    }
}

/// Carries bytes one way while it is open; what arrives while it is blocked waits.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<Blocked>,
    is_blocked: fn(&Blocked) -> bool,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count) = from.read(&mut buffer).await {
        if state.wait_for(|blocked| !is_blocked(blocked)).await.is_err() || count == 0 {
            break;
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
}
