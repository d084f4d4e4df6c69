//! From an address to an open WebSocket.

use std::time::Duration;

use anyhow::{Context as _, bail};
use gururmm_protocol::SUBPROTOCOL;
use gururmm_protocol::limits::TEXT_FRAME_MAX;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

use super::dial::dial;
use crate::address::Address;

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Small: an agent says little, and has 10 MB for everything.
const BUFFER: usize = 4 * 1024;

pub(super) async fn connect(address: &Address, limit: Duration) -> anyhow::Result<Socket> {
    timeout(limit, open(address)).await.with_context(|| format!("{address} did not answer in time"))?
}

async fn open(address: &Address) -> anyhow::Result<Socket> {
    let (host, port) = address.host_and_port();
    let stream = dial(&host, port).await.with_context(|| format!("could not reach {address}"))?;
    stream.set_nodelay(true).context("could not set up the connection")?;
    let mut request = address.websocket().into_client_request().context("the server's address cannot be used")?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(2 * TEXT_FRAME_MAX)
        .max_message_size(Some(TEXT_FRAME_MAX))
        .max_frame_size(Some(TEXT_FRAME_MAX));
    let connector = if address.is_tls() { Connector::Rustls(crate::tls::trust()?) } else { Connector::Plain };
    let (socket, response) = client_async_tls_with_config(request, stream, Some(config), Some(connector))
        .await
        .with_context(|| format!("{address} did not open the agents' connection"))?;
    if response.headers().get(SEC_WEBSOCKET_PROTOCOL).is_none_or(|chosen| chosen != SUBPROTOCOL) {
        bail!("{address} does not speak {SUBPROTOCOL}");
    }
    Ok(socket)
}
