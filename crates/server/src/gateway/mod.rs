//! The agents' side of the server: one WebSocket per agent.
//!
//! [`Gateway`] knows who is connected and hands messages to them; [`socket`](self) holds a connection from the handshake to its end;
//! records go to [`crate::ingest`]. Both halves of a connection live and die in one task: there is no write half that could be
//! dead while the agent still counts as online.

mod asks;
mod handshake;
mod keys;
mod pace;
mod presence;
mod registry;
mod session;
mod socket;
mod strangers;
mod turns;

use axum::Router;
use axum::routing::get;

use crate::app::AppState;

pub use asks::AskError;
pub use keys::rotate;
pub use presence::{forget_connections, sweep, sweep_after_start};
pub use registry::{Connection, Gateway};
pub use strangers::Strangers;

/// The agents' route.
pub fn routes() -> Router<AppState> {
    Router::new().route("/ws/agent", get(socket::agent_socket))
}
