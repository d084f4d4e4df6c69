//! The mutual proof at the start of a connection (see `gururmm_protocol::handshake`).
//!
//! The server proves itself first and to anybody; what it knows of an agent it tells only to who has proven to be that agent.

use std::sync::Arc;

use ed25519_dalek::VerifyingKey;
use gururmm_ids::{AgentId, DeviceId, OrgId, RunId, SpoolId};
use gururmm_protocol::ProtocolVersion;
use gururmm_protocol::handshake::{Side, Transcript, Word};
use gururmm_protocol::limits::{COMMANDS_KNOWN_MAX, HANDSHAKE_MAX};
use gururmm_protocol::message::{AgentMessage, Challenge, GoodbyeCode, Hello, Proof, ServerMessage, Welcome};
use gururmm_protocol::secret;
use jiff::SignedDuration;
use subtle::ConstantTimeEq as _;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use url::Url;
use uuid::Uuid;

use super::presence::{self, Arrived, Coming};
use super::registry::Connection;
use super::socket::{End, Incoming, Wire};
use crate::app::AppState;
use crate::platform::http::origin::Origin;
use crate::platform::random;
use crate::platform::time::Time;

/// An agent that has proven itself and is registered.
pub(super) struct ProvenAgent {
    pub(super) connection: Arc<Connection>,
    /// Orders and cancels that waited for it.
    pub(super) waiting: Vec<ServerMessage>,
    #[expect(dead_code, reason = "held for its drop")]
    pub(super) registration: Registration,
    pub(super) outgoing: mpsc::Receiver<Box<ServerMessage>>,
    pub(super) spool_id: SpoolId,
}

/// A registered connection. However the session ends — also by a panic or a time-out in the middle of something — dropping this takes it
/// off the register and begins the grace period.
pub(super) struct Registration {
    app: AppState,
    connection: Arc<Connection>,
}

impl Registration {
    fn new(app: &AppState, connection: &Arc<Connection>) -> Self {
        app.gateway.register(Arc::clone(connection));
        Self { app: app.clone(), connection: Arc::clone(connection) }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.app.gateway.unregister(&self.connection);
        presence::left(&self.app, &self.connection);
    }
}

struct KnownAgent {
    org_id: OrgId,
    device_id: DeviceId,
    public_key: Vec<u8>,
    key_hash: Vec<u8>,
    next_key_hash: Option<Vec<u8>>,
    state: String,
    /// Since when it is in that state.
    since: Time,
    moved_to: Option<AgentId>,
}

/// Challenges, checks the proof, registers and welcomes.
pub(super) async fn handshake(app: &AppState, origin: Origin, wire: &mut Wire) -> Result<ProvenAgent, End> {
    let until = Instant::now() + HANDSHAKE_MAX;
    let claim = timeout_at(until, hear(app, origin, wire)).await;
    let claim = claim.unwrap_or_else(|_| Err(End::goodbye(GoodbyeCode::Protocol, "The handshake took too long.")));
    let claim = claim.inspect_err(|end| {
        // who is turned away has paid already, and a line that breaks is nobody's fault
        if matches!(end, End::Goodbye(goodbye) if goodbye.code != GoodbyeCode::Busy) {
            app.gateway.strangers.failed(origin.ip, now());
        }
    })?;
    // the agent has said its part: from here on it is the server that is slow
    let judged = timeout_at(until, judge(app, origin, wire, claim)).await;
    judged.unwrap_or_else(|_| Err(End::goodbye(GoodbyeCode::Busy, "The server is too busy to admit this agent.")))
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// What somebody says of itself.
struct Claim {
    hello: Hello,
    transcript: Transcript,
    proof: Proof,
}

async fn hear(app: &AppState, origin: Origin, wire: &mut Wire) -> Result<Claim, End> {
    let AgentMessage::Hello(hello) = next_message(wire).await? else { return Err(unexpected("hello")) };
    if let Some(wait) = app.gateway.strangers.turned_away(origin.ip, hello.agent_id, now()) {
        let message = "Too many have failed to prove themselves from this address.";
        return Err(End::goodbye_for(GoodbyeCode::Busy, message, wait.as_secs() + 1));
    }
    let transcript = challenge(app, wire, &hello).await?;
    let AgentMessage::Proof(proof) = next_message(wire).await? else { return Err(unexpected("proof")) };
    if proof.commands.len() > COMMANDS_KNOWN_MAX {
        return Err(End::goodbye(GoodbyeCode::Protocol, "The proof names too many commands."));
    }
    Ok(Claim { hello, transcript, proof: *proof })
}

async fn judge(app: &AppState, origin: Origin, wire: &mut Wire, claim: Claim) -> Result<ProvenAgent, End> {
    let agent_id = claim.hello.agent_id;
    let Some(known) = find(app, agent_id).await? else {
        app.gateway.strangers.failed(origin.ip, now());
        app.gateway.strangers.unknown(agent_id);
        return Err(removed(app, &claim.transcript, "This server knows no such agent. Enrol the machine again."));
    };
    let key_hash = secret::hash(&claim.proof.agent_key);
    let is_signed = is_signed(&known, &claim);
    if is_signed && known.state == "revoked" {
        return Err(End::goodbye(GoodbyeCode::Revoked, "The key of this machine was revoked. Enrol it again."));
    }
    if !is_signed || !is_key(&known, &key_hash) {
        app.gateway.strangers.failed(origin.ip, now());
        tracing::warn!(agent.id = %agent_id, client.ip = %origin.ip, "an agent could not prove itself");
        return Err(End::goodbye(GoodbyeCode::Refused, "The agent's key, device or signature is wrong."));
    }
    app.gateway.strangers.proven(origin.ip, agent_id, now());
    match known.state.as_str() {
        "active" => admit(app, origin, wire, known.org_id, key_hash, claim).await,
        "left" => Err(removed(app, &claim.transcript, "This machine has left the server. Enrol it again.")),
        "moved" => Err(rename(app, wire, &known, &claim.transcript).await),
        state => Err(held(state, app.clock.now().duration_since(known.since.0))),
    }
}

/// The agent stops for good when it hears this, so it is signed.
fn removed(app: &AppState, transcript: &Transcript, message: &str) -> End {
    let signature = transcript.sign_word(Word::Removed, &app.secrets.signing);
    End::goodbye(GoodbyeCode::Removed, message).signed(signature)
}

/// What is said to an agent that was there a moment ago.
async fn gone(app: &AppState, transcript: &Transcript) -> End {
    match find(app, transcript.agent_id).await {
        Ok(None) => removed(app, transcript, "This machine was removed from the server."),
        Ok(Some(_)) => End::Lost,
        Err(end) => end,
    }
}

/// Tells a machine that it goes on with the record that it had before.
async fn rename(app: &AppState, wire: &mut Wire, known: &KnownAgent, transcript: &Transcript) -> End {
    let Some(agent_id) = known.moved_to else { return End::Lost };
    let signature = transcript.sign_word(Word::NewId(agent_id), &app.secrets.signing);
    let told = wire.send(&ServerMessage::IdentityNew { agent_id, signature }).await;
    tracing::info!(agent.id = %agent_id, earlier.id = %transcript.agent_id, ok = told.is_ok(), "a machine goes on with its record");
    End::Lost
}

/// When a machine that may not work is to ask again: soon while somebody stands at it, seldom when it has waited for long.
fn held(state: &str, since: SignedDuration) -> End {
    let message = match state {
        "waiting" => "This machine waits for somebody to let it in.",
        _ => "This machine is quarantined.",
    };
    let seconds = match since.as_mins() {
        ..10 => 5,
        10..60 => 30,
        _ => 300,
    };
    End::goodbye_for(GoodbyeCode::Held, message, seconds)
}

async fn challenge(app: &AppState, wire: &mut Wire, hello: &Hello) -> Result<Transcript, End> {
    let version = hello.version.min(ProtocolVersion::CURRENT);
    if !version.is_spoken() {
        return Err(End::goodbye(
            GoodbyeCode::Version,
            "This server no longer speaks the agent's protocol. Update the agent.",
        ));
    }
    let transcript = Transcript {
        version,
        agent_id: hello.agent_id,
        device_id: hello.device_id,
        agent_nonce: hello.nonce,
        server_nonce: random::bytes(),
        server_time: app.clock.now(),
    };
    let challenge = Challenge {
        version,
        nonce: transcript.server_nonce,
        key_id: app.secrets.key_id.clone(),
        signature: transcript.sign(Side::Server, &app.secrets.signing),
        server_time: transcript.server_time,
    };
    wire.send(&ServerMessage::Challenge(challenge)).await?;
    Ok(transcript)
}

/// The key that it has, or the one that it was offered.
fn is_key(known: &KnownAgent, key_hash: &[u8; 32]) -> bool {
    let is_current: bool = key_hash[..].ct_eq(&known.key_hash[..]).into();
    let is_next = known.next_key_hash.as_ref().is_some_and(|next| key_hash[..].ct_eq(&next[..]).into());
    is_current || is_next
}

fn is_signed(known: &KnownAgent, Claim { hello, transcript, proof }: &Claim) -> bool {
    let public_key =
        <[u8; 32]>::try_from(known.public_key.as_slice()).ok().and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    let is_signed = public_key.is_some_and(|key| transcript.is_signed_by(Side::Agent, &key, &proof.signature));
    is_signed && known.device_id == hello.device_id
}

/// Registers before asking what the agent must hear of: an order that is created in between then comes through the registry (the agent
/// runs a command once, however often it is told).
async fn admit(
    app: &AppState,
    origin: Origin,
    wire: &mut Wire,
    org_id: OrgId,
    key_hash: [u8; 32],
    Claim { transcript, proof, .. }: Claim,
) -> Result<ProvenAgent, End> {
    // who names no run is one of its own
    let run_id = proof.run_id.unwrap_or(RunId::from_uuid(Uuid::nil()));
    let takes_turns = app.gateway.takes_turns(transcript.agent_id, run_id, now());
    let (connection, outgoing) = Connection::new(transcript.clone(), org_id, app.clock.now());
    let registration = Registration::new(app, &connection);
    let spool_id = proof.spool_id;
    let coming = Coming { origin, proof, key_hash, takes_turns };
    let arrived = tokio::select! {
        biased;
        goodbye = connection.closed() => return Err(goodbye.map_or(End::Lost, End::Goodbye).spoken_by(app, &connection)),
        arrived = presence::arrived(app, &connection, coming) => arrived.map_err(busy)?,
    };
    let arrival = match arrived {
        Arrived::Admitted(arrival) => arrival,
        // gone, or moved to another record: it comes again, and is told which
        Arrived::Removed => return Err(gone(app, &transcript).await),
        Arrived::Replaced => return Err(End::goodbye(GoodbyeCode::Replaced, "This agent connected again.")),
        Arrived::Held => return Err(held("quarantined", SignedDuration::ZERO)),
    };
    connection.acknowledged.send_replace(arrival.acknowledged);
    let welcome = Welcome {
        server_time: app.clock.now(),
        heartbeat_seconds: app.config.heartbeat_seconds,
        metrics_seconds: app.config.metrics_seconds,
        acknowledged: arrival.acknowledged,
        wan_address: origin.public_ip(),
        wan_services: app.config.wan_services.iter().map(Url::to_string).collect(),
    };
    wire.send(&ServerMessage::Welcome(welcome)).await?;
    Ok(ProvenAgent { connection, waiting: arrival.messages, registration, outgoing, spool_id })
}

async fn find(app: &AppState, agent_id: AgentId) -> Result<Option<KnownAgent>, End> {
    let mut tx = app.db.begin_ingest().await.map_err(busy)?;
    sqlx::query_as!(
        KnownAgent,
        r#"select org_id as "org_id!: OrgId", device_id as "device_id!: DeviceId", public_key as "public_key!", key_hash as "key_hash!",
                  next_key_hash, state as "state!", since as "since!: Time", moved_to as "moved_to: AgentId"
           from gateway_find_agent($1)"#,
        agent_id as _,
    )
    .fetch_optional(&mut *tx)
    .await
    .map_err(busy)
}

fn busy(error: sqlx::Error) -> End {
    tracing::warn!(%error, "an agent could not be admitted: the database does not answer");
    End::goodbye(GoodbyeCode::Busy, "The server cannot reach its database at the moment.")
}

async fn next_message(wire: &mut Wire) -> Result<AgentMessage, End> {
    loop {
        match wire.receive().await? {
            Incoming::Message(message) => return Ok(*message),
            Incoming::Nothing => {}
            Incoming::Malformed(error) => return Err(End::goodbye(GoodbyeCode::Protocol, &error.to_string())),
        }
    }
}

fn unexpected(expected: &str) -> End {
    End::goodbye(GoodbyeCode::Protocol, &format!("The {expected} was expected here."))
}
