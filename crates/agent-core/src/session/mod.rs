//! One connection, from the first message to the last.
//!
//! The agent says who it is, the server proves that it holds the key pinned at enrolment, and only then the agent shows its
//! own key. Nothing the other side says before its proof can make the agent reveal a secret, run a command, stay away for
//! longer than after any failure, or stop for good; anything but the proof ends the session. What the server says of itself
//! reaches the log shortened, and not without end.
//! After the welcome the session counts what is in flight, keeps the line alive and notices when it is dead.
//!
//! `now` is monotonic time since any fixed moment, counting suspended time; `random` is uniform in 0..1.

mod goodbye;
#[cfg(test)]
mod tests;

use core::net::IpAddr;
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::{SigningKey, VerifyingKey};
use gururmm_ids::{AgentId, CommandId, DeviceId, RunId, SpoolId};
use gururmm_protocol::ProtocolVersion;
use gururmm_protocol::command::{Order, SignedOrder};
use gururmm_protocol::facts::Facts;
use gururmm_protocol::handshake::{Nonce, Side, Transcript, Word};
use gururmm_protocol::limits::{
    HANDSHAKE_MAX, HEARTBEAT_INTERVAL, HEARTBEATS_MISSED_MAX, RECORDS_IN_FLIGHT_MAX, SILENCE_MAX, WAN_SERVICES_MAX,
};
use gururmm_protocol::message::{
    AgentMessage, Challenge, ErrorMessage, Goodbye, GoodbyeCode, Hello, OutputRead, Proof, ServerMessage, Welcome,
};
use jiff::Timestamp;

/// Warnings of one session that are logged.
const WARNINGS_MAX: u32 = 20;

/// Characters kept of a text of the server.
const EXCERPT_MAX: usize = 300;

/// Who this agent is, and which server it trusts.
pub struct Identity {
    /// The agent.
    pub agent_id: AgentId,
    /// The machine.
    pub device_id: DeviceId,
    /// The machine's key pair.
    pub device_key: SigningKey,
    /// The per-agent key.
    pub agent_key: String,
    /// The only key the server may sign with.
    pub server_key: VerifyingKey,
}

/// How long a session waits.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From the opened socket to the welcome.
    pub handshake: Duration,
    /// Between heartbeats, until the server names another time.
    pub heartbeat: Duration,
    /// Silence after which the server is gone.
    pub silence: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { handshake: HANDSHAKE_MAX, heartbeat: HEARTBEAT_INTERVAL, silence: SILENCE_MAX }
    }
}

/// What the agent says of itself once the server has proven itself.
#[derive(Clone, Debug)]
pub struct Holdings {
    /// The machine.
    pub facts: Facts,
    /// The life of the spool.
    pub spool_id: SpoolId,
    /// Every command that is held or has unacknowledged records.
    pub commands: Vec<CommandId>,
    /// This run of the agent.
    pub run_id: RunId,
}

/// What the server wishes to be told, and what it knows already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// Time between two measurements.
    pub metrics_interval: Duration,
    /// The WAN address as the server sees it.
    pub wan_address: Option<IpAddr>,
    /// Whom to ask for the WAN address when the server does not see it.
    pub wan_services: Vec<String>,
}

/// What to do, in this order.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// Send a message.
    Send(AgentMessage),
    /// Send a WebSocket ping, which every server answers: the proof that the line works both ways.
    Probe,
    /// The server's clock says this now.
    ServerTime(Timestamp),
    /// Records may flow.
    Welcomed { wishes: Wishes, acknowledged: u64 },
    /// The server has committed every record up to this one.
    Acknowledged(u64),
    /// A command whose signature is the server's.
    Order(Box<Order>),
    /// End a command.
    Cancel(CommandId),
    /// Answer with [`AgentMessage::OutputPart`].
    ReadOutput(OutputRead),
    /// Store this key in place of the one before, then say so with [`AgentMessage::KeyTaken`].
    NewKey(String),
    /// Tell the operator.
    Warn(String),
    /// The session is over.
    End(End),
}

/// Why a session is over, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The server does not know this agent any more: stop for good.
    Removed(String),
    /// The machine goes on with another record: take its id, and connect again.
    Renamed(AgentId),
    /// Connect again, not before `wait` when there is one.
    Retry { reason: String, wait: Option<Duration> },
}

impl End {
    /// Connect again after the usual pause.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), wait: None }
    }
}

#[derive(Debug)]
enum State {
    AwaitingChallenge,
    AwaitingWelcome,
    Open { heartbeat: Duration, next_heartbeat: Duration },
    Over,
}

/// One connection.
pub struct Session {
    identity: Arc<Identity>,
    timing: Timing,
    holdings: Option<Holdings>,
    nonce: Nonce,
    /// What this session has agreed on, once the server has proven itself.
    transcript: Option<Box<Transcript>>,
    /// The keys that this session has brought: none comes twice.
    keys: Vec<String>,
    state: State,
    opened: Duration,
    heard: Duration,
    highest_sent: u64,
    in_flight: VecDeque<u64>,
    warnings: u32,
}

impl Session {
    /// Begins on an opened socket. `nonce` must be fresh randomness.
    pub fn open(
        identity: Arc<Identity>,
        timing: Timing,
        holdings: Holdings,
        nonce: Nonce,
        now: Duration,
    ) -> (Self, Vec<Output>) {
        let hello = Hello {
            version: ProtocolVersion::CURRENT,
            agent_id: identity.agent_id,
            device_id: identity.device_id,
            nonce,
        };
        let session = Self {
            identity,
            timing,
            holdings: Some(holdings),
            nonce,
            transcript: None,
            keys: Vec::new(),
            state: State::AwaitingChallenge,
            opened: now,
            heard: now,
            highest_sent: 0,
            in_flight: VecDeque::new(),
            warnings: 0,
        };
        (session, vec![Output::Send(AgentMessage::Hello(hello))])
    }

    /// Whether the welcome came and the session is not over.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Whether another record may be sent.
    pub fn may_send(&self) -> bool {
        self.is_open() && self.in_flight.len() < RECORDS_IN_FLIGHT_MAX
    }

    /// Whether a record was sent that the server has not acknowledged, and still may.
    pub fn awaits_acknowledgement(&self) -> bool {
        self.is_open() && !self.in_flight.is_empty()
    }

    /// A record was sent.
    pub fn record_sent(&mut self, sequence: u64) {
        self.highest_sent = self.highest_sent.max(sequence);
        self.in_flight.push_back(sequence);
    }

    /// Something came that is no message: the answer to a ping.
    pub fn heard(&mut self, now: Duration) {
        self.heard = now;
    }

    /// When [`Session::tick`] has something to do.
    pub fn deadline(&self) -> Duration {
        match self.state {
            State::AwaitingChallenge | State::AwaitingWelcome => self.opened + self.timing.handshake,
            State::Open { next_heartbeat, .. } => next_heartbeat.min(self.heard + self.timing.silence),
            State::Over => Duration::MAX,
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Duration, random: f64) -> Vec<Output> {
        match &mut self.state {
            State::Over => Vec::new(),
            State::AwaitingChallenge | State::AwaitingWelcome => {
                if now >= self.opened + self.timing.handshake {
                    return self.end(End::retry("the server did not finish the handshake in time"));
                }
                Vec::new()
            }
            State::Open { heartbeat, next_heartbeat } => {
                if now >= self.heard + self.timing.silence {
                    return self.end(End::retry("the server has been silent for too long"));
                }
                if now < *next_heartbeat {
                    return Vec::new();
                }
                *next_heartbeat = now + jittered(*heartbeat, random);
                vec![Output::Send(AgentMessage::Heartbeat), Output::Probe]
            }
        }
    }

    /// A message came.
    pub fn on_message(&mut self, now: Duration, random: f64, message: ServerMessage) -> Vec<Output> {
        self.heard = now;
        match (&self.state, message) {
            (State::Over, _) => Vec::new(),
            (State::AwaitingChallenge, ServerMessage::Goodbye(goodbye)) => {
                self.end(goodbye::end(goodbye, false, false))
            }
            (State::AwaitingChallenge, ServerMessage::Challenge(challenge)) => self.on_challenge(&challenge),
            (State::AwaitingChallenge, ServerMessage::Error(error)) => self.end(End::retry(format!(
                "the server refuses: {}: {}",
                excerpt(&error.code),
                excerpt(&error.message)
            ))),
            (State::AwaitingChallenge, _) => self.end(End::retry("the server sent a message at the wrong time")),
            (_, ServerMessage::Unknown) => self.warn("a message of an unknown type was ignored"),
            (_, ServerMessage::Error(error)) => {
                self.warn(&format!("the server reports {}: {}", excerpt(&error.code), excerpt(&error.message)))
            }
            (_, ServerMessage::Goodbye(goodbye)) => {
                let signed = self.is_signed_removal(&goodbye);
                self.end(goodbye::end(goodbye, true, signed))
            }
            (State::AwaitingWelcome, ServerMessage::Welcome(welcome)) => self.on_welcome(now, random, &welcome),
            (State::AwaitingWelcome, ServerMessage::IdentityNew { agent_id, signature }) => {
                self.on_new_identity(agent_id, &signature)
            }
            (State::Open { .. }, ServerMessage::KeyNew { agent_key, signature }) => {
                self.on_new_key(agent_key, &signature)
            }
            (State::Open { .. }, ServerMessage::Ack { sequence }) => self.on_ack(sequence),
            (State::Open { .. }, ServerMessage::CommandRun(signed)) => self.on_order(&signed),
            (State::Open { .. }, ServerMessage::CommandCancel { command_id }) => vec![Output::Cancel(command_id)],
            (State::Open { .. }, ServerMessage::OutputRead(read)) => vec![Output::ReadOutput(read)],
            (
                _,
                ServerMessage::Challenge(_)
                | ServerMessage::Welcome(_)
                | ServerMessage::Ack { .. }
                | ServerMessage::KeyNew { .. }
                | ServerMessage::IdentityNew { .. }
                | ServerMessage::CommandRun(_)
                | ServerMessage::CommandCancel { .. }
                | ServerMessage::OutputRead(_),
            ) => self.end(End::retry("the server sent a message at the wrong time")),
        }
    }

    fn on_challenge(&mut self, challenge: &Challenge) -> Vec<Output> {
        if !challenge.version.is_spoken() {
            let reason = format!("the server chose protocol version {}, which this agent lacks", challenge.version.0);
            return self.end(End::Retry { reason, wait: Some(goodbye::VERSION_WAIT) });
        }
        let transcript = Transcript {
            version: challenge.version,
            agent_id: self.identity.agent_id,
            device_id: self.identity.device_id,
            agent_nonce: self.nonce,
            server_nonce: challenge.nonce,
            server_time: challenge.server_time,
        };
        if !transcript.is_signed_by(Side::Server, &self.identity.server_key, &challenge.signature) {
            return self.end(End::retry("the server could not prove that it is the one this agent enrolled with"));
        }
        let Some(holdings) = self.holdings.take() else {
            return self.end(End::retry("the server sent a message at the wrong time"));
        };
        self.state = State::AwaitingWelcome;
        let proof = Proof {
            agent_key: self.identity.agent_key.clone(),
            signature: transcript.sign(Side::Agent, &self.identity.device_key),
            facts: holdings.facts,
            spool_id: holdings.spool_id,
            commands: holdings.commands,
            run_id: Some(holdings.run_id),
        };
        self.transcript = Some(Box::new(transcript));
        vec![Output::ServerTime(challenge.server_time), Output::Send(AgentMessage::Proof(Box::new(proof)))]
    }

    /// Whether the server said this in this session, and nobody in its place.
    fn is_said(&self, word: Word<'_>, signature: &[u8; 64]) -> bool {
        self.transcript.as_ref().is_some_and(|said| said.is_word_of(word, &self.identity.server_key, signature))
    }

    fn is_signed_removal(&self, goodbye: &Goodbye) -> bool {
        goodbye.code == GoodbyeCode::Removed
            && goodbye.signature.is_some_and(|signature| self.is_said(Word::Removed, &signature))
    }

    fn on_new_identity(&mut self, agent_id: AgentId, signature: &[u8; 64]) -> Vec<Output> {
        if !self.is_said(Word::NewId(agent_id), signature) {
            return self.end(End::retry("another identity was offered that the server has not signed"));
        }
        self.end(End::Renamed(agent_id))
    }

    fn on_new_key(&mut self, agent_key: String, signature: &[u8; 64]) -> Vec<Output> {
        if !self.is_said(Word::NewKey(&agent_key), signature) {
            return self.warn("a new key was refused: it is not signed by the server");
        }
        if self.keys.contains(&agent_key) {
            return self.warn("a key that was replaced came again and was refused");
        }
        self.keys.push(agent_key.clone());
        vec![Output::NewKey(agent_key)]
    }

    fn on_welcome(&mut self, now: Duration, random: f64, welcome: &Welcome) -> Vec<Output> {
        // a heartbeat must be answered well before the silence counts
        let wished = Duration::from_secs(u64::from(welcome.heartbeat_seconds.max(1)));
        self.timing.silence = self.timing.silence.min(wished * HEARTBEATS_MISSED_MAX);
        let longest = (self.timing.silence / 2).max(Duration::from_millis(1));
        let heartbeat = wished.min(self.timing.heartbeat.max(Duration::from_millis(1))).min(longest);
        self.state = State::Open { heartbeat, next_heartbeat: now + jittered(heartbeat, random) };
        let metrics_interval = Duration::from_secs(u64::from(welcome.metrics_seconds.clamp(1, 3600)));
        self.highest_sent = welcome.acknowledged;
        let wan_services = welcome.wan_services.iter().take(WAN_SERVICES_MAX).cloned().collect();
        let wishes = Wishes { metrics_interval, wan_address: welcome.wan_address, wan_services };
        vec![Output::Welcomed { wishes, acknowledged: welcome.acknowledged }]
    }

    fn on_ack(&mut self, sequence: u64) -> Vec<Output> {
        if sequence > self.highest_sent {
            return self.warn(&format!("the server acknowledged record {sequence}, which was never sent"));
        }
        while self.in_flight.front().is_some_and(|sent| *sent <= sequence) {
            self.in_flight.pop_front();
        }
        vec![Output::Acknowledged(sequence)]
    }

    fn on_order(&mut self, signed: &SignedOrder) -> Vec<Output> {
        match signed.open(&self.identity.server_key) {
            Ok(order) => vec![Output::Order(Box::new(order))],
            Err(error) => {
                let message = ErrorMessage { code: "command_refused".to_owned(), message: error.to_string() };
                let mut outputs = self.warn(&error.to_string());
                outputs.push(Output::Send(AgentMessage::Error(message)));
                outputs
            }
        }
    }

    /// Something came that is no message, and why not.
    pub fn not_understood(&mut self, now: Duration, why: &str) -> Vec<Output> {
        self.heard = now;
        match self.state {
            State::Over => Vec::new(),
            State::AwaitingChallenge => self.end(End::retry(format!("the server speaks another protocol: {why}"))),
            State::AwaitingWelcome | State::Open { .. } => self.warn(&format!("a message was ignored: {why}")),
        }
    }

    /// Tells the operator, until it has been enough for one session.
    fn warn(&mut self, text: &str) -> Vec<Output> {
        self.warnings += 1;
        match self.warnings.cmp(&WARNINGS_MAX) {
            Ordering::Less => vec![Output::Warn(text.to_owned())],
            Ordering::Equal => vec![Output::Warn(format!("{text}; more of this session is not logged"))],
            Ordering::Greater => Vec::new(),
        }
    }

    fn end(&mut self, end: End) -> Vec<Output> {
        self.state = State::Over;
        vec![Output::End(end)]
    }
}

/// The beginning of a text that another chose: enough to understand it, too little to fill a log.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_MAX).collect()
}

/// Moved by up to a tenth either way, so that agents do not beat together.
pub fn jittered(interval: Duration, random: f64) -> Duration {
    interval.mul_f64(0.9 + 0.2 * random.clamp(0.0, 1.0))
}
