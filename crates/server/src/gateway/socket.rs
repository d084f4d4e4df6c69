//! From the HTTP upgrade to the end of the session, and the wire in between.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use gururmm_protocol::SUBPROTOCOL;
use gururmm_protocol::frame::{self, Frame, FrameError};
use gururmm_protocol::handshake::Word;
use gururmm_protocol::limits::{TEXT_FRAME_MAX, WRITE_STALL_MAX};
use gururmm_protocol::message::{AgentMessage, Goodbye, GoodbyeCode, ServerMessage};

use super::handshake::handshake;
use super::registry::Connection;
use super::session::Session;
use crate::app::AppState;
use crate::platform::http::Problem;
use crate::platform::http::origin::Origin;
use crate::platform::http::serve::Place;

/// An idle agent's connection lives for months: its buffers are what a server with thousands of agents is made of.
const READ_BUFFER: usize = 2 * 1024;
const WRITE_BUFFER_MAX: usize = 2 * TEXT_FRAME_MAX;
/// When to come back to a network that has too many connections in their handshake.
const BUSY_NETWORK_SECONDS: u64 = 10;
/// For the last words: whoever reads has them at once, and whoever does not is gone all the same.
const FAREWELL_MAX: Duration = Duration::from_millis(500);

/// Why a session ends.
#[derive(Debug)]
pub(super) enum End {
    /// The connection is gone: nothing more can be said.
    Lost,
    /// The agent is told why.
    Goodbye(Goodbye),
}

impl End {
    pub(super) fn goodbye(code: GoodbyeCode, message: &str) -> Self {
        Self::Goodbye(Goodbye { code, message: message.to_owned(), reconnect_after_seconds: None, signature: None })
    }

    /// The same, and when to come back.
    pub(super) fn goodbye_for(code: GoodbyeCode, message: &str, seconds: u64) -> Self {
        let reconnect_after_seconds = u32::try_from(seconds).ok();
        Self::Goodbye(Goodbye { code, message: message.to_owned(), reconnect_after_seconds, signature: None })
    }

    /// With the server's signature.
    pub(super) fn signed(self, signature: [u8; 64]) -> Self {
        match self {
            Self::Goodbye(goodbye) => Self::Goodbye(Goodbye { signature: Some(signature), ..goodbye }),
            Self::Lost => Self::Lost,
        }
    }

    /// As it is said on this connection: that an agent was removed is signed.
    pub(super) fn spoken_by(self, app: &AppState, connection: &Connection) -> Self {
        match &self {
            Self::Goodbye(goodbye) if goodbye.code == GoodbyeCode::Removed => {
                self.signed(connection.sign(Word::Removed, &app.secrets.signing))
            }
            _ => self,
        }
    }
}

/// `GET /ws/agent`
pub(super) async fn agent_socket(
    State(app): State<AppState>,
    origin: Origin,
    headers: HeaderMap,
    place: Option<Extension<Place>>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    // agents send none, browsers always do, and their user knows nothing of it
    if headers.contains_key(header::ORIGIN) {
        return Problem::forbidden("cross_origin", "This address is for agents and not for web pages.").into_response();
    }
    let Ok(upgrade) = upgrade else {
        return Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "upgrade_required",
            "This address is for agents: a WebSocket is expected.",
        )
        .into_response();
    };
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !offered.split(',').any(|protocol| protocol.trim() == SUBPROTOCOL) {
        return Problem::invalid_request(format!("This server speaks {SUBPROTOCOL}; the agent offered none of that."))
            .into_response();
    }
    let place = place.map(|Extension(place)| place);
    if place.as_ref().is_some_and(|place| !place.count_as(origin.ip)) {
        return Problem::rate_limited(BUSY_NETWORK_SECONDS).into_response();
    }
    upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(TEXT_FRAME_MAX)
        .max_frame_size(TEXT_FRAME_MAX)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .on_upgrade(move |socket| {
            Box::pin(async move {
                connected(app, origin, Wire(socket), place).await;
            })
        })
}

/// The place is held for as long as the connection lives. A future is as large as its largest part for all its life: what is over soon,
/// or comes only at the end, is boxed.
async fn connected(app: AppState, origin: Origin, mut wire: Wire, place: Option<Place>) {
    let _running = app.tasks.token();
    match Box::pin(handshake(&app, origin, &mut wire)).await {
        Ok(agent) => {
            place.iter().for_each(Place::settle);
            let connection = Arc::clone(&agent.connection);
            let end = Session::new(&app, agent).run(&mut wire).await;
            tracing::info!(agent.id = %connection.agent_id, connection.id = %connection.id, ?end, "an agent disconnected");
            Box::pin(wire.finish(end.spoken_by(&app, &connection))).await;
        }
        Err(end) => {
            tracing::debug!(client.ip = %origin.ip, ?end, "a handshake failed");
            Box::pin(wire.finish(end)).await;
        }
    }
}

/// A WebSocket that speaks messages.
pub(super) struct Wire(WebSocket);

/// What came in.
pub(super) enum Incoming {
    /// A message.
    Message(Box<AgentMessage>),
    /// Something that was no message; the agent is told.
    Malformed(FrameError),
    /// Nothing to act on: a ping, a pong.
    Nothing,
}

impl Wire {
    /// Waits for the next frame. Cancel-safe.
    pub(super) async fn receive(&mut self) -> Result<Incoming, End> {
        let message = match self.0.recv().await {
            Some(Ok(message)) => message,
            // a frame above the limit, or text that is no UTF-8: the stream cannot go on
            Some(Err(error)) if is_protocol_error(&error) => {
                return Err(End::goodbye(GoodbyeCode::Protocol, "A frame broke the limits of the protocol."));
            }
            Some(Err(_)) | None => return Err(End::Lost),
        };
        let decoded = match message {
            Message::Text(text) => frame::decode_text(text.as_str()),
            Message::Binary(bytes) => frame::decode_binary(&bytes),
            Message::Ping(_) | Message::Pong(_) => return Ok(Incoming::Nothing),
            Message::Close(_) => return Err(End::Lost),
        };
        match decoded {
            Ok(message) => Ok(Incoming::Message(Box::new(message))),
            Err(FrameError::UnknownKind(_)) => Ok(Incoming::Nothing),
            Err(error) => Ok(Incoming::Malformed(error)),
        }
    }

    /// Sends a message; a write that stalls is a lost connection.
    pub(super) async fn send(&mut self, message: &ServerMessage) -> Result<(), End> {
        let frame = match frame::encode(message) {
            Ok(Frame::Text(text)) => Message::Text(text.into()),
            Ok(Frame::Binary(bytes)) => Message::Binary(bytes.into()),
            Err(error) => {
                tracing::error!(%error, "a message could not be written");
                return Err(End::Lost);
            }
        };
        self.write(frame).await
    }

    async fn write(&mut self, message: Message) -> Result<(), End> {
        match tokio::time::timeout(WRITE_STALL_MAX, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Lost),
        }
    }

    async fn finish(self, end: End) {
        if let End::Goodbye(goodbye) = end {
            tokio::time::timeout(FAREWELL_MAX, self.say_goodbye(goodbye)).await.ok();
        }
    }

    async fn say_goodbye(mut self, goodbye: Goodbye) {
        let reason = goodbye.message.clone();
        let code = if goodbye.code == GoodbyeCode::Protocol { close_code::PROTOCOL } else { close_code::NORMAL };
        if self.send(&ServerMessage::Goodbye(goodbye)).await.is_ok() {
            self.write(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await.ok();
        }
    }
}

/// Whether the peer broke the protocol, as opposed to a connection that broke. The library's error type is behind axum's, so its text
/// has to tell.
fn is_protocol_error(error: &axum::Error) -> bool {
    let text = error.to_string();
    ["too long", "too big", "UTF-8", "utf-8", "WebSocket protocol error"].iter().any(|part| text.contains(part))
        && !text.contains("without closing handshake")
}
