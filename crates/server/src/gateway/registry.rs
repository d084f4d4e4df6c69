//! Who is connected to this server.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Instant;

use ed25519_dalek::SigningKey;
use gururmm_ids::{AgentId, CommandId, OrgId, RunId};
use gururmm_protocol::command::{SignedOrder, Stream};
use gururmm_protocol::handshake::{Transcript, Word};
use gururmm_protocol::message::{Goodbye, GoodbyeCode, OutputPart, OutputRead, ServerMessage};
use jiff::Timestamp;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::asks::{ANSWER_MAX, AskError, Asks};
use super::strangers::Strangers;
use super::turns::Turns;

/// Messages waiting for a slow agent. One more is not taken: what matters is in the database and is offered again.
const OUTGOING_MAX: usize = 64;

/// When a machine that is held while it is connected asks again, at first.
const HELD_SECONDS: u32 = 5;

/// One connected agent.
#[derive(Debug)]
pub struct Connection {
    /// Tells this connection from earlier ones of the same agent.
    pub id: Uuid,
    /// The agent.
    pub agent_id: AgentId,
    /// Its organisation.
    pub org_id: OrgId,
    /// What its handshake has agreed on.
    transcript: Transcript,
    /// The server's mark, set by the ingest after each commit.
    pub acknowledged: watch::Sender<u64>,
    /// Boxed: a channel keeps room for dozens at each connection, and most wait for none.
    outgoing: mpsc::Sender<Box<ServerMessage>>,
    /// A key was offered and not yet taken.
    is_offered: AtomicBool,
    closing: CancellationToken,
    farewell: Mutex<Option<Goodbye>>,
    last_seen_ms: AtomicI64,
}

impl Connection {
    /// A connection, and the receiving end of its messages.
    pub(super) fn new(
        transcript: Transcript,
        org_id: OrgId,
        now: Timestamp,
    ) -> (Arc<Self>, mpsc::Receiver<Box<ServerMessage>>) {
        let (outgoing, messages) = mpsc::channel(OUTGOING_MAX);
        let connection = Self {
            id: Uuid::now_v7(),
            agent_id: transcript.agent_id,
            org_id,
            transcript,
            acknowledged: watch::Sender::new(0),
            outgoing,
            is_offered: AtomicBool::new(false),
            closing: CancellationToken::new(),
            farewell: Mutex::default(),
            last_seen_ms: AtomicI64::new(now.as_millisecond()),
        };
        (Arc::new(connection), messages)
    }

    /// Notes a sign of life.
    pub(super) fn seen(&self, now: Timestamp) {
        self.last_seen_ms.store(now.as_millisecond(), Ordering::Relaxed);
    }

    /// The last sign of life.
    pub(super) fn last_seen(&self) -> Timestamp {
        Timestamp::from_millisecond(self.last_seen_ms.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Ends the connection, telling the agent why.
    pub fn close(&self, code: GoodbyeCode, message: &str) {
        self.farewell.lock().get_or_insert_with(|| Goodbye {
            code,
            message: message.to_owned(),
            // somebody who holds it may soon release it
            reconnect_after_seconds: (code == GoodbyeCode::Held).then_some(HELD_SECONDS),
            signature: None,
        });
        self.closing.cancel();
    }

    /// The server's signature of what it says of this agent's identity.
    pub(super) fn sign(&self, word: Word<'_>, key: &SigningKey) -> [u8; 64] {
        self.transcript.sign_word(word, key)
    }

    /// Begins to offer a key; none while one is offered already.
    pub(super) fn begin_offer(&self) -> Option<Offering<'_>> {
        let was_offered = self.is_offered.swap(true, Ordering::AcqRel);
        (!was_offered).then_some(Offering { connection: self, stands: false })
    }

    /// What was offered is taken.
    pub(super) fn end_offer(&self) {
        self.is_offered.store(false, Ordering::Release);
    }

    /// Gives the agent another key.
    pub(super) fn offer_key(&self, agent_key: String, key: &SigningKey) -> bool {
        let signature = self.sign(Word::NewKey(&agent_key), key);
        self.send(ServerMessage::KeyNew { agent_key, signature })
    }

    /// Waits until [`Self::close`] is called; answers why.
    pub(super) async fn closed(&self) -> Option<Goodbye> {
        self.closing.cancelled().await;
        self.farewell.lock().clone()
    }

    fn send(&self, message: ServerMessage) -> bool {
        self.outgoing.try_send(Box::new(message)).is_ok()
    }
}

/// A key that is being offered; what comes to nothing was none.
pub(super) struct Offering<'a> {
    connection: &'a Connection,
    stands: bool,
}

impl Offering<'_> {
    /// The key is on its way.
    pub(super) fn stands(mut self) {
        self.stands = true;
    }
}

impl Drop for Offering<'_> {
    fn drop(&mut self) {
        if !self.stands {
            self.connection.end_offer();
        }
    }
}

/// The connected agents.
#[derive(Debug, Default)]
pub struct Gateway {
    /// Who could not prove to be an agent.
    pub strangers: Strangers,
    turns: Turns,
    pub(super) asks: Asks,
    connections: RwLock<HashMap<AgentId, Arc<Connection>>>,
}

impl Gateway {
    /// Number of connected agents.
    pub fn connected(&self) -> usize {
        self.connections.read().len()
    }

    /// Whether the agent is connected.
    pub fn is_connected(&self, agent_id: AgentId) -> bool {
        self.connections.read().contains_key(&agent_id)
    }

    /// The connected agents.
    pub fn connected_agents(&self) -> Vec<AgentId> {
        self.connections.read().keys().copied().collect()
    }

    /// Hands a message to the agent, if it is connected and not behind with those before.
    pub fn send(&self, agent_id: AgentId, message: ServerMessage) -> bool {
        self.find(agent_id).is_some_and(|connection| connection.send(message))
    }

    /// Hands an order to the agent, if it can take it now. When it cannot, the order waits in the database.
    pub fn send_order(&self, agent_id: AgentId, order: SignedOrder) -> bool {
        self.send(agent_id, ServerMessage::CommandRun(order))
    }

    /// Asks the agent to end a command, if it can hear it now. When it cannot, it is asked again.
    pub fn send_cancel(&self, agent_id: AgentId, command_id: CommandId) -> bool {
        self.send(agent_id, ServerMessage::CommandCancel { command_id })
    }

    /// What a command wrote from this byte of a stream on, as its agent keeps it.
    pub async fn read_output(
        &self,
        (org_id, agent_id): (OrgId, AgentId),
        command_id: CommandId,
        stream: Stream,
        offset: u64,
    ) -> Result<OutputPart, AskError> {
        let mut ask = self.asks.begin(org_id, agent_id)?;
        let read = OutputRead { request: ask.request, command_id, stream, offset };
        if !self.send(agent_id, ServerMessage::OutputRead(read)) {
            return Err(AskError::Away);
        }
        let answer = tokio::time::timeout(ANSWER_MAX, &mut ask.answer).await;
        answer.ok().and_then(Result::ok).ok_or(AskError::Silent)
    }

    /// Ends the connection of an agent that was removed; it stops for good.
    pub fn disconnect_removed(&self, agent_id: AgentId) {
        self.turns.forget(agent_id);
        self.disconnect(agent_id, GoodbyeCode::Removed, "This machine was removed from the server.");
    }

    /// Ends the connection of an agent, telling it why.
    pub fn disconnect(&self, agent_id: AgentId, code: GoodbyeCode, message: &str) {
        if let Some(connection) = self.find(agent_id) {
            connection.close(code, message);
        }
    }

    /// Whether two machines take turns with the identity of this agent, now that it comes in this run.
    pub(super) fn takes_turns(&self, agent_id: AgentId, run_id: RunId, now: Instant) -> bool {
        self.turns.came(agent_id, run_id, now)
    }

    /// Forgets who has come as this agent: somebody has looked at it.
    pub fn forget_turns(&self, agent_id: AgentId) {
        self.turns.forget(agent_id);
    }

    /// Adds a connection; an earlier one of the same agent ends.
    pub(super) fn register(&self, connection: Arc<Connection>) {
        let earlier = self.connections.write().insert(connection.agent_id, connection);
        if let Some(earlier) = earlier {
            earlier.close(GoodbyeCode::Replaced, "This agent connected again.");
        }
    }

    /// Removes a connection, unless a later one took its place.
    pub(super) fn unregister(&self, connection: &Connection) {
        let mut connections = self.connections.write();
        if connections.get(&connection.agent_id).is_some_and(|current| current.id == connection.id) {
            connections.remove(&connection.agent_id);
        }
    }

    pub(super) fn find(&self, agent_id: AgentId) -> Option<Arc<Connection>> {
        self.connections.read().get(&agent_id).cloned()
    }
}
