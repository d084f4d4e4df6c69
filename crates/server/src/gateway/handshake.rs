//! The mutual proof at the start of a connection (see `gururmm_protocol::handshake`).
//!
//! The server proves itself first and to anybody; what it knows of an agent it tells only to who has proven to be that agent.

use std::sync::Arc;

use ed25519_dalek::VerifyingKey;
use gururmm_ids::{AgentId, DeviceId, OrgId, SpoolId};
use gururmm_protocol::ProtocolVersion;
use gururmm_protocol::handshake::{Side, Transcript};
use gururmm_protocol::limits::{COMMANDS_KNOWN_MAX, HANDSHAKE_MAX};
use gururmm_protocol::message::{AgentMessage, Challenge, Goodbye, GoodbyeCode, Hello, Proof, ServerMessage, Welcome};
use gururmm_protocol::secret;
use subtle::ConstantTimeEq as _;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::presence::{self, Arrived};
use super::registry::Connection;
use super::socket::{End, Incoming, Wire};
use crate::app::AppState;
use crate::platform::http::origin::Origin;
use crate::platform::random;

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
        return Err(End::Goodbye(Goodbye {
            code: GoodbyeCode::Busy,
            message: "Too many have failed to prove themselves from this address.".to_owned(),
            reconnect_after_seconds: u32::try_from(wait.as_secs() + 1).ok(),
        }));
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
        return Err(End::goodbye(GoodbyeCode::Removed, "This server knows no such agent. Enrol the machine again."));
    };
    if !is_proven(&known, &claim) {
        app.gateway.strangers.failed(origin.ip, now());
        tracing::warn!(agent.id = %agent_id, client.ip = %origin.ip, "an agent could not prove itself");
        return Err(End::goodbye(GoodbyeCode::Refused, "The agent's key, device or signature is wrong."));
    }
    app.gateway.strangers.proven(origin.ip, agent_id, now());
    admit(app, origin, wire, known.org_id, agent_id, claim.proof).await
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

fn is_proven(known: &KnownAgent, Claim { hello, transcript, proof }: &Claim) -> bool {
    let is_key: bool = secret::hash(&proof.agent_key)[..].ct_eq(&known.key_hash[..]).into();
    let public_key =
        <[u8; 32]>::try_from(known.public_key.as_slice()).ok().and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    let is_signed = public_key.is_some_and(|key| transcript.is_signed_by(Side::Agent, &key, &proof.signature));
    is_key && is_signed && known.device_id == hello.device_id
}

/// Registers before asking what the agent must hear of: an order that is created in between then comes through the registry (the agent
/// runs a command once, however often it is told).
async fn admit(
    app: &AppState,
    origin: Origin,
    wire: &mut Wire,
    org_id: OrgId,
    agent_id: AgentId,
    proof: Proof,
) -> Result<ProvenAgent, End> {
    let (connection, outgoing) = Connection::new(agent_id, org_id, app.clock.now());
    let registration = Registration::new(app, &connection);
    let spool_id = proof.spool_id;
    let arrived = tokio::select! {
        biased;
        goodbye = connection.closed() => return Err(goodbye.map_or(End::Lost, End::Goodbye)),
        arrived = presence::arrived(app, origin, &connection, proof) => arrived.map_err(busy)?,
    };
    let arrival = match arrived {
        Arrived::Admitted(arrival) => arrival,
        Arrived::Removed => {
            return Err(End::goodbye(GoodbyeCode::Removed, "This machine was removed from the server."));
        }
        Arrived::Replaced => return Err(End::goodbye(GoodbyeCode::Replaced, "This agent connected again.")),
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
        r#"select org_id as "org_id!: OrgId", device_id as "device_id!: DeviceId", public_key as "public_key!", key_hash as "key_hash!"
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
