//! The link: keeps one session with the server, for as long as the agent lives.

mod connect;
mod dial;
mod talk;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use gururmm_agent_core::commands::Event;
use gururmm_agent_core::reconnect::Reconnect;
use gururmm_agent_core::session::{End, Identity, Timing, Wishes};
use gururmm_agent_os::clock::since_boot;
use gururmm_ids::{AgentId, RunId};
use gururmm_observe::Printable;
use gururmm_protocol::limits::WRITE_STALL_MAX;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::address::Address;
use crate::identity::Kept;
use crate::rest::Rest;
use crate::runner::Held;
use crate::server_clock::ServerClock;
use crate::status::StatusFile;
use crate::store::Store;

/// How long the link waits for others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkTiming {
    pub(crate) session: Timing,
    /// From the first packet to the opened socket.
    pub(crate) connect: Duration,
    /// A write that takes longer ends the session.
    pub(crate) write: Duration,
    /// A session older than this begins anew when no command is held: the handshake tells the server's time, from which a
    /// machine's own clock moves away by seconds a day.
    pub(crate) freshen: Duration,
    /// At the end of the agent: to deliver the last records.
    pub(crate) farewell: Duration,
}

impl Default for LinkTiming {
    fn default() -> Self {
        Self {
            session: Timing::default(),
            connect: Duration::from_secs(10),
            write: WRITE_STALL_MAX,
            freshen: Duration::from_hours(24),
            farewell: Duration::from_secs(2),
        }
    }
}

/// Everything a session touches.
pub(crate) struct Link {
    pub(crate) address: Address,
    pub(crate) identity: Arc<Identity>,
    /// Where a new key is kept.
    pub(crate) kept: Kept,
    /// This run of the agent.
    pub(crate) run_id: RunId,
    pub(crate) timing: LinkTiming,
    pub(crate) store: Store,
    pub(crate) rest: Rest,
    pub(crate) clock: Arc<ServerClock>,
    pub(crate) held: Held,
    pub(crate) commands: mpsc::Sender<Event>,
    pub(crate) wishes: watch::Sender<Wishes>,
    pub(crate) status: Arc<StatusFile>,
    /// The memory of ids was lost; the runner is told as soon as the server's time is known.
    pub(crate) memory_lost: bool,
}

/// Why the link ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LinkEnd {
    /// The agent stops.
    Stopped,
    /// The server removed this agent.
    Removed(String),
    /// The machine goes on with the record of this id.
    Renamed(AgentId),
}

/// Whether a server answers there and speaks the protocol; says nothing to it.
pub(crate) async fn reach(address: &Address, limit: Duration) -> anyhow::Result<()> {
    let mut socket = connect::connect(address, limit).await?;
    let _ = socket.close(None).await;
    Ok(())
}

impl Link {
    /// Connects, again and again, until `stop` or until the server removes the agent.
    pub(crate) async fn run(mut self, stop: CancellationToken) -> LinkEnd {
        let mut reconnect = Reconnect::default();
        loop {
            let (end, lasted) = self.one_session(&stop).await;
            let (reason, wait) = match end {
                End::Removed(message) => return LinkEnd::Removed(message),
                End::Renamed(agent_id) => return LinkEnd::Renamed(agent_id),
                End::Retry { reason, wait } => (reason, wait),
            };
            if stop.is_cancelled() {
                return LinkEnd::Stopped;
            }
            let pause = reconnect.pause(since_boot(), lasted, wait, rand::random());
            tracing::warn!(pause = ?pause, "not connected: {}", Printable(&reason));
            let at = self.clock.wall();
            self.status.change(|status| {
                status.connected_since = None;
                status.last_error = Some(reason);
                status.last_error_at = Some(at);
            });
            tokio::select! {
                () = sleep(pause) => {}
                () = stop.cancelled() => return LinkEnd::Stopped,
            }
        }
    }

    /// One attempt: how it ended, and how long it was welcome.
    async fn one_session(&mut self, stop: &CancellationToken) -> (End, Duration) {
        let connected = tokio::select! {
            connected = connect::connect(&self.address, self.timing.connect) => connected,
            () = stop.cancelled() => return (End::retry("the agent stops"), Duration::ZERO),
        };
        let socket = match connected {
            Ok(socket) => socket,
            Err(error) => return (End::retry(format!("{error:#}")), Duration::ZERO),
        };
        let mut talk = talk::Talk::new(self, socket);
        let end = talk.run(stop).await;
        let lasted = talk.welcome_lasted();
        drop(talk);
        if !lasted.is_zero() {
            let _ = self.commands.send(Event::ConnectionLost).await;
        }
        (end, lasted)
    }
}
