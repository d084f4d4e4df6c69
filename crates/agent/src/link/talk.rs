//! One session on an open socket: carries out what the session machine decides.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use gururmm_agent_core::commands::Event;
use gururmm_agent_core::session::{End, Holdings, Output, Session, Wishes};
use gururmm_agent_os::clock::since_boot;
use gururmm_agent_os::facts;
use gururmm_ids::CommandId;
use gururmm_observe::{ErrorChain, Printable};
use gururmm_protocol::frame::{self, Frame, FrameError};
use gururmm_protocol::limits::COMMANDS_KNOWN_MAX;
use gururmm_protocol::message::{AgentMessage, OutputPart, OutputRead, ServerMessage};
use gururmm_protocol::secret;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use super::Link;
use super::connect::Socket;
use crate::rest::Rest;
use crate::runner::Held;
use crate::store::Store;

/// Records taken from the store at once.
const RECORDS: usize = 32;

pub(super) struct Talk<'a> {
    link: &'a mut Link,
    socket: Socket,
    /// The last record sent, or acknowledged when the session began.
    cursor: u64,
    welcomed_at: Option<Duration>,
    parts: Parts,
}

/// Answers to questions of the server, which are found beside the conversation: a slow disk does not stop it.
struct Parts {
    found: mpsc::Sender<OutputPart>,
    incoming: mpsc::Receiver<OutputPart>,
    /// Who asks more at once is not answered.
    room: Arc<Semaphore>,
}

/// Questions at once.
const READS: usize = 4;

impl Default for Parts {
    fn default() -> Self {
        let (found, incoming) = mpsc::channel(READS);
        Self { found, incoming, room: Arc::new(Semaphore::new(READS)) }
    }
}

impl Parts {
    fn find(&self, rest: &Rest, asked: OutputRead) {
        let (rest, found) = (rest.clone(), self.found.clone());
        if let Ok(permit) = self.room.clone().try_acquire_owned() {
            tokio::spawn(async move {
                let _ = found.send(rest.read(asked).await).await;
                drop(permit);
            });
        }
    }
}

impl<'a> Talk<'a> {
    pub(super) fn new(link: &'a mut Link, socket: Socket) -> Self {
        Self { link, socket, cursor: 0, welcomed_at: None, parts: Parts::default() }
    }

    /// How long records could flow.
    pub(super) fn welcome_lasted(&self) -> Duration {
        self.welcomed_at.map_or(Duration::ZERO, |at| since_boot().saturating_sub(at).max(Duration::from_nanos(1)))
    }

    /// Talks until the session is over.
    pub(super) async fn run(&mut self, stop: &CancellationToken) -> End {
        match self.converse(stop).await {
            Ok(end) => end,
            Err(error) => End::retry(format!("{error:#}")),
        }
    }

    async fn converse(&mut self, stop: &CancellationToken) -> anyhow::Result<End> {
        let (mut session, outputs) = self.open().await?;
        if let Some(end) = self.act(outputs).await? {
            return Ok(end);
        }
        loop {
            let more = session.may_send() && self.send_records(&mut session).await?;
            let wait = session.deadline().saturating_sub(since_boot());
            let outputs = tokio::select! {
                biased;
                // also when more keeps coming in: who talks without a pause has the same deadlines
                () = std::future::ready(()), if wait.is_zero() => session.tick(since_boot(), rand::random()),
                () = stop.cancelled() => return self.farewell(session).await,
                message = self.socket.next() => match message {
                    Some(message) => hear(&mut session, message.context("the connection broke")?),
                    None => return Ok(End::retry("the server closed the connection")),
                },
                Some(part) = self.parts.incoming.recv() => {
                    self.send(&AgentMessage::OutputPart(Box::new(part))).await?;
                    Vec::new()
                }
                () = self.link.store.changed().notified(), if session.may_send() => Vec::new(),
                () = sleep(wait) => session.tick(since_boot(), rand::random()),
                // what comes in has its turn first
                () = tokio::task::yield_now(), if more => Vec::new(),
            };
            if let Some(end) = self.act(outputs).await? {
                return Ok(end);
            }
            if self.is_stale() {
                let end = End::retry("the session is a day old, and the server's time is asked for anew");
                return Ok(self.act(vec![Output::End(end.clone())]).await?.unwrap_or(end));
            }
        }
    }

    fn is_stale(&self) -> bool {
        self.welcome_lasted() >= self.link.timing.freshen && self.link.held.lock().is_empty()
    }

    async fn open(&self) -> anyhow::Result<(Session, Vec<Output>)> {
        let commands = known_commands(&self.link.store, &self.link.held).await;
        let holdings = Holdings {
            facts: facts::collect(crate::version::VERSION),
            spool_id: self.link.store.spool_id(),
            commands,
            run_id: self.link.run_id,
        };
        let mut nonce = [0; 32];
        getrandom::fill(&mut nonce).context("the system gives no random numbers")?;
        Ok(Session::open(self.link.identity.clone(), self.link.timing.session, holdings, nonce, since_boot()))
    }

    /// Does what was decided; `Some` when the session is over.
    async fn act(&mut self, outputs: Vec<Output>) -> anyhow::Result<Option<End>> {
        for output in outputs {
            match output {
                Output::Send(message) => self.send(&message).await?,
                Output::Probe => self.write(Message::Ping(Bytes::new())).await?,
                Output::ServerTime(time) => {
                    if let Some(ahead) = self.link.clock.set(time) {
                        self.link.store.keep_clock(ahead).await;
                    }
                }
                Output::Welcomed { wishes, acknowledged } => {
                    if let Some(end) = self.welcomed(wishes, acknowledged).await {
                        return Ok(Some(end));
                    }
                }
                Output::Acknowledged(sequence) => self.link.store.acknowledged(sequence),
                Output::Order(order) => self.tell_runner(Event::Order(order)).await?,
                Output::Cancel(id) => self.tell_runner(Event::Cancel(id)).await?,
                Output::ReadOutput(asked) => self.parts.find(&self.link.rest, asked),
                Output::NewKey(key) => self.take_key(key).await?,
                Output::Warn(text) => tracing::warn!("{}", Printable(&text)),
                Output::End(end) => {
                    let _ = timeout(self.link.timing.write, self.socket.close(None)).await;
                    return Ok(Some(end));
                }
            }
        }
        Ok(None)
    }

    async fn welcomed(&mut self, wishes: Wishes, acknowledged: u64) -> Option<End> {
        if self.link.store.is_behind(acknowledged) {
            self.link.store.begin_another_life().await;
            self.link.memory_lost = true;
            return Some(End::retry("the agent's database is an older copy; its spool begins anew"));
        }
        if std::mem::take(&mut self.link.memory_lost) {
            let _ = self.link.commands.send(Event::MemoryLost).await;
        }
        self.welcomed_at = Some(since_boot());
        self.cursor = acknowledged;
        self.link.store.acknowledged(acknowledged);
        self.link.wishes.send_replace(wishes);
        let now = self.link.clock.wall();
        self.link.status.change(|status| status.connected_since = Some(now));
        tracing::info!(server = %self.link.address, "connected");
        None
    }

    /// The server takes the one before until it hears of the new one, and offers another when it does not.
    async fn take_key(&mut self, key: String) -> anyhow::Result<()> {
        let key_hash = secret::hash(&key);
        match self.link.kept.take_key(key) {
            Ok(identity) => {
                self.link.identity = Arc::new(identity);
                tracing::info!("the server has given this agent a new key");
                self.send(&AgentMessage::KeyTaken { key_hash }).await
            }
            Err(error) => {
                tracing::warn!(error = %ErrorChain(&error), "a new key could not be stored; the one before stays");
                Ok(())
            }
        }
    }

    async fn tell_runner(&self, event: Event) -> anyhow::Result<()> {
        self.link.commands.send(event).await.context("the runner is gone")
    }

    /// Sends what may be sent; returns whether there may be more.
    async fn send_records(&mut self, session: &mut Session) -> anyhow::Result<bool> {
        let ready = self.link.store.ready(self.cursor, RECORDS).await;
        let found = !ready.is_empty();
        for (sequence, json) in ready {
            if !session.may_send() {
                return Ok(false);
            }
            let raw: &RawValue = serde_json::from_str(&json).context("a spooled record cannot be read")?;
            self.send(raw).await?;
            session.record_sent(sequence);
            self.cursor = sequence;
            self.link.store.sent(sequence);
        }
        Ok(found)
    }

    async fn send<T: Serialize + ?Sized>(&mut self, message: &T) -> anyhow::Result<()> {
        let message = match frame::encode(&message).context("a message cannot be sent")? {
            Frame::Text(text) => Message::Text(Utf8Bytes::from(text)),
            Frame::Binary(bytes) => Message::Binary(Bytes::from(bytes)),
        };
        self.write(message).await
    }

    async fn write(&mut self, message: Message) -> anyhow::Result<()> {
        let written = timeout(self.link.timing.write, self.socket.send(message)).await;
        written.context("the server takes nothing any more")?.context("the connection broke")
    }

    /// Delivers what the last commands left, hears that it is stored, if the server is quick, and closes. What it hears here is not
    /// delivered again, and the server is not told of these commands again.
    async fn farewell(&mut self, mut session: Session) -> anyhow::Result<End> {
        let limit = self.link.timing.farewell;
        let deliver = async {
            loop {
                while session.may_send() && self.send_records(&mut session).await? {}
                if !session.awaits_acknowledgement() {
                    break;
                }
                let message = self.socket.next().await.context("the server closed the connection")?;
                self.note_stored(hear(&mut session, message.context("the connection broke")?));
            }
            self.socket.close(None).await.context("the connection broke")?;
            while let Some(Ok(message)) = self.socket.next().await {
                self.note_stored(hear(&mut session, message));
            }
            anyhow::Ok(())
        };
        let _ = timeout(limit, deliver).await;
        Ok(End::retry("the agent stops"))
    }

    /// All that still matters to an agent that stops: orders come again when it is back.
    fn note_stored(&self, outputs: Vec<Output>) {
        for output in outputs {
            if let Output::Acknowledged(sequence) = output {
                self.link.store.acknowledged(sequence);
            }
        }
    }
}

/// Commands that run or have records. What ends meanwhile is in the store before it is no longer held, so that who asks
/// in this order misses none.
pub(super) async fn known_commands(store: &Store, held: &Held) -> Vec<CommandId> {
    let held = held.lock().clone();
    let mut known = store.commands_with_records().await;
    known.retain(|id| !held.contains(id));
    known.extend(held);
    // what runs was added last
    let surplus = known.len().saturating_sub(COMMANDS_KNOWN_MAX);
    known.drain(..surplus);
    known
}

/// What a WebSocket message means to the session.
fn hear(session: &mut Session, message: Message) -> Vec<Output> {
    let now = since_boot();
    let decoded = match message {
        Message::Text(text) => frame::decode_text::<ServerMessage>(&text),
        Message::Binary(bytes) => frame::decode_binary(&bytes),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
            session.heard(now);
            return Vec::new();
        }
    };
    match decoded {
        Ok(message) => session.on_message(now, rand::random(), message),
        Err(error @ (FrameError::UnknownKind(_) | FrameError::Json(_))) => {
            session.not_understood(now, &ErrorChain(&error).to_string())
        }
        Err(error) => vec![Output::End(End::retry(format!("the server broke the protocol: {error}")))],
    }
}
