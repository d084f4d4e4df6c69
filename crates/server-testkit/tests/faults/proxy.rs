//! A network that can be cut one way.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Which way does not get through. Connections stay open: nobody is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blocked {
    pub(crate) to_server: bool,
    pub(crate) to_agent: bool,
}

/// A TCP proxy in front of a server.
pub(crate) struct Proxy {
    address: SocketAddr,
    blocked: watch::Sender<Blocked>,
}

impl Proxy {
    pub(crate) async fn start(server_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
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
        Self { address, blocked }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn block(&self, blocked: Blocked) {
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
