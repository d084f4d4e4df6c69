//! An established session: records in; orders, cancels and acknowledgements out.
//!
//! While the ingest is full, or the agent brings more than its [`Pace`] allows, nothing is read: the agent's spool holds, and TCP tells
//! it so. Messages to the agent go out all the same.

use std::pin::pin;
use std::time::Duration;

use gururmm_protocol::limits::{OUTPUT_CHUNK_MAX, REST_PIECE_MAX};
use gururmm_protocol::message::{AgentMessage, ErrorMessage, GoodbyeCode, ServerMessage};
use gururmm_protocol::record::Body;
use tokio::time::Instant;

use super::handshake::ProvenAgent;
use super::keys;
use super::pace::Pace;
use super::socket::{End, Incoming, Wire};
use crate::app::AppState;
use crate::ingest::{self, Item};

/// Malformed messages after which an agent is broken rather than unlucky.
const MALFORMED_MAX: u32 = 20;

/// Silence after which an agent is gone, in heartbeats: two were missed and the third is late. With the grace, a machine that fell
/// silent is offline within three.
const SILENT_HEARTBEATS: f64 = 2.6;

/// Errors of one session that are logged.
const REPORTS_MAX: u32 = 20;

/// Characters kept of a text of an agent.
const EXCERPT_MAX: usize = 300;

/// One agent's session.
pub(super) struct Session<'a> {
    app: &'a AppState,
    agent: ProvenAgent,
    malformed: u32,
    reports: u32,
    waiting: Option<Item>,
    pace: Pace,
    heard: Instant,
    silence_max: Duration,
}

enum Event {
    Incoming(Result<Incoming, End>),
    Outgoing(Option<Box<ServerMessage>>),
    Acknowledged(u64),
    Room(ingest::Room),
    Paused,
    Closed(End),
}

impl<'a> Session<'a> {
    pub(super) fn new(app: &'a AppState, agent: ProvenAgent) -> Self {
        let silence_max = Duration::from_secs(app.config.heartbeat_seconds.into()).mul_f64(SILENT_HEARTBEATS);
        let now = Instant::now();
        Self { app, agent, malformed: 0, reports: 0, waiting: None, pace: Pace::new(now), heard: now, silence_max }
    }

    /// Runs until one side ends it.
    pub(super) async fn run(mut self, wire: &mut Wire) -> End {
        for message in std::mem::take(&mut self.agent.waiting) {
            if let Err(end) = Box::pin(self.send(wire, &message)).await {
                return end;
            }
        }
        let mut acknowledged = self.agent.connection.acknowledged.subscribe();
        acknowledged.mark_unchanged();
        loop {
            let event = self.next(wire, &mut acknowledged).await;
            let result = match event {
                // boxed: what a message needs while it is dealt with is not kept between two of them
                Event::Incoming(Ok(incoming)) => Box::pin(self.on_incoming(wire, incoming)).await,
                Event::Outgoing(Some(message)) => Box::pin(self.send(wire, &message)).await,
                Event::Acknowledged(sequence) => Box::pin(self.send(wire, &ServerMessage::Ack { sequence })).await,
                Event::Room(room) => {
                    if let Some(item) = self.waiting.take() {
                        self.app.ingest.push(item, room);
                    }
                    // we did not listen while we waited
                    self.heard = Instant::now();
                    Ok(())
                }
                Event::Paused => {
                    self.heard = Instant::now();
                    Ok(())
                }
                Event::Incoming(Err(end)) | Event::Closed(end) => Err(end),
                Event::Outgoing(None) => Err(End::Lost),
            };
            if let Err(end) = result {
                return end;
            }
        }
    }

    async fn next(&mut self, wire: &mut Wire, acknowledged: &mut tokio::sync::watch::Receiver<u64>) -> Event {
        let is_waiting = self.waiting.is_some();
        let pause = self.pace.pause(Instant::now());
        let is_listening = !is_waiting && pause.is_none();
        let silence = pin!(tokio::time::sleep_until(self.heard + self.silence_max));
        tokio::select! {
            biased;
            () = self.app.stopping.cancelled() => Event::Closed(End::goodbye(GoodbyeCode::Shutdown, "The server stops.")),
            goodbye = self.agent.connection.closed() => Event::Closed(goodbye.map_or(End::Lost, End::Goodbye)),
            message = self.agent.outgoing.recv() => Event::Outgoing(message),
            Ok(()) = acknowledged.changed() => Event::Acknowledged(*acknowledged.borrow_and_update()),
            Some(room) = room_for(self.app, self.waiting.as_ref()), if is_waiting => Event::Room(room),
            () = tokio::time::sleep_until(pause.unwrap_or_else(Instant::now)), if !is_waiting && !is_listening => Event::Paused,
            incoming = wire.receive(), if is_listening => {
                self.heard = Instant::now();
                Event::Incoming(incoming)
            }
            () = silence, if is_listening => Event::Closed(End::goodbye(GoodbyeCode::Protocol, "Nothing was heard for too long.")),
        }
    }

    async fn on_incoming(&mut self, wire: &mut Wire, incoming: Incoming) -> Result<(), End> {
        self.agent.connection.seen(self.app.clock.now());
        self.pace.took(Instant::now());
        match incoming {
            Incoming::Nothing => Ok(()),
            Incoming::Malformed(error) => self.on_malformed(wire, &error.to_string()).await,
            Incoming::Message(message) => match *message {
                AgentMessage::Heartbeat => Ok(()),
                AgentMessage::Record(record) => {
                    if let Body::CommandOutput(output) = &record.body {
                        if output.data.len() > OUTPUT_CHUNK_MAX {
                            return self.on_malformed(wire, "The piece of output is too large.").await;
                        }
                        let written_at = record.recorded_at.min(self.app.clock.now());
                        ingest::announce_output(&self.app.live, &self.agent.connection, written_at, output);
                    }
                    let item = Item::new(self.agent.connection.clone(), self.agent.spool_id, *record);
                    self.waiting = self.app.ingest.try_push(item).err();
                    Ok(())
                }
                AgentMessage::KeyTaken { key_hash } => {
                    // when it is not written down it is written at the next arrival, by the key that the agent shows then
                    if let Err(error) = keys::taken(self.app, &self.agent.connection, &key_hash).await {
                        tracing::warn!(agent.id = %self.agent.connection.agent_id, %error, "a new key could not be written down");
                    }
                    Ok(())
                }
                AgentMessage::OutputPart(part) if part.data.len() > REST_PIECE_MAX => {
                    self.on_malformed(wire, "The piece of output is too large.").await
                }
                AgentMessage::OutputPart(part) => {
                    self.app.gateway.asks.answered(self.agent.connection.agent_id, *part);
                    Ok(())
                }
                AgentMessage::Error(error) => {
                    self.on_report(&error);
                    Ok(())
                }
                AgentMessage::Unknown => {
                    tracing::debug!(agent.id = %self.agent.connection.agent_id, "a message of an unknown type was ignored");
                    Ok(())
                }
                AgentMessage::Hello(_) | AgentMessage::Proof(_) => {
                    self.on_malformed(wire, "The handshake is over.").await
                }
            },
        }
    }

    /// An agent's own trouble is worth a line, a thousand of them are not.
    fn on_report(&mut self, error: &ErrorMessage) {
        self.reports += 1;
        if self.reports <= REPORTS_MAX {
            let (code, message) = (excerpt(&error.code), excerpt(&error.message));
            let is_last = self.reports == REPORTS_MAX;
            tracing::warn!(agent.id = %self.agent.connection.agent_id, code, message, is_last, "an agent reports an error");
        }
    }

    async fn on_malformed(&mut self, wire: &mut Wire, reason: &str) -> Result<(), End> {
        self.malformed += 1;
        if self.malformed > MALFORMED_MAX {
            return Err(End::goodbye(GoodbyeCode::Protocol, "Too many messages could not be read."));
        }
        tracing::debug!(agent.id = %self.agent.connection.agent_id, reason, "a message could not be read");
        let error = ErrorMessage { code: "malformed".to_owned(), message: reason.to_owned() };
        self.send(wire, &ServerMessage::Error(error)).await
    }

    /// Sends a message, unless the session ends meanwhile: whoever does not read holds nothing up.
    async fn send(&self, wire: &mut Wire, message: &ServerMessage) -> Result<(), End> {
        tokio::select! {
            biased;
            goodbye = self.agent.connection.closed() => Err(goodbye.map_or(End::Lost, End::Goodbye)),
            sent = wire.send(message) => sent,
        }
    }
}

/// Room for an item that waits.
async fn room_for(app: &AppState, item: Option<&Item>) -> Option<ingest::Room> {
    app.ingest.room(item?).await
}

fn excerpt(text: &str) -> String {
    let short: String = text.chars().take(EXCERPT_MAX).collect();
    gururmm_observe::Printable(&short).to_string()
}
