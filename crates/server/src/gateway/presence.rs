//! Online and offline: what the database says of connections.
//!
//! A closed connection makes its agent offline after a grace period, so that a restart of the network card alarms nobody. After a
//! start of the server, agents that were online in its earlier life and do not come back are swept.
//!
//! `agent_presence.connection_id` is the connection that decides. It never outlives the server's process ([`forget_connections`]), so
//! the order of ids, by which a newer connection beats an older one, does not hang on a clock that may have been set back.

use std::sync::Arc;
use std::time::Duration;

use gururmm_ids::{AgentId, OrgId};
use gururmm_protocol::limits::OFFLINE_GRACE;
use gururmm_protocol::message::{Proof, ServerMessage};
use jiff::Timestamp;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::keys;
use super::registry::Connection;
use crate::app::AppState;
use crate::features::commands;
use crate::features::enrolment::facts::{cleaned, hardware_hash};
use crate::platform::http::origin::Origin;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Time that agents have to come back after the server's start: twice the longest reconnect delay of a short absence.
const SWEEP_AFTER: Duration = Duration::from_secs(45);

/// Pause before a failed statement is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What became of an arrival.
pub(super) enum Arrived {
    /// The agent is online.
    Admitted(Arrival),
    /// It was removed meanwhile.
    Removed,
    /// It may not work: somebody has quarantined it meanwhile, or it is another machine.
    Held,
    /// It connected again meanwhile, and the newer connection counts.
    Replaced,
}

/// What an arriving agent is told.
pub(super) struct Arrival {
    /// The server's mark for its spool.
    pub(super) acknowledged: u64,
    /// Orders and cancels that wait for it.
    pub(super) messages: Vec<ServerMessage>,
}

/// How somebody comes who has proven to be an agent.
pub(super) struct Coming {
    /// From where.
    pub(super) origin: Origin,
    /// What it says of itself.
    pub(super) proof: Proof,
    /// Of the key that it has shown.
    pub(super) key_hash: [u8; 32],
    /// Whether another run of it goes on.
    pub(super) takes_turns: bool,
}

/// Stores the facts, says the agent is online and collects what waits for it.
pub(super) async fn arrived(app: &AppState, connection: &Connection, coming: Coming) -> sqlx::Result<Arrived> {
    let now = app.clock.now();
    let proof = &coming.proof;
    let agent_id = connection.agent_id;
    let mut tx = app.db.begin_ingest().await?;
    // the mark first, as every batch does: two that take their locks in another order wait for each other
    let mark = sqlx::query_scalar!(
        r#"select sequence as "sequence!" from ingest_lock(array[$1]::uuid[], array[$2]::uuid[])"#,
        agent_id.as_uuid(),
        proof.spool_id.as_uuid(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(mark) = mark else { return Ok(Arrived::Removed) };
    let rotates = match store_facts(&mut tx, connection, &coming, now).await?.as_str() {
        "connected" => false,
        "rotate" => true,
        "replaced" => return Ok(Arrived::Replaced),
        verdict => {
            tx.commit().await?;
            if verdict == "cloned" {
                tracing::warn!(agent.id = %agent_id, "two machines use the identity of one agent; it is quarantined");
                app.live.publish(connection.org_id, LiveKind::AgentChanged { agent_id });
            }
            return Ok(Arrived::Held);
        }
    };
    let matters = commands::agent::reconcile(&mut tx, agent_id, &proof.commands, now).await?;
    tx.commit().await?;
    let status = LiveKind::AgentStatus { agent_id, status: "online", last_seen_at: Some(Time(now)) };
    app.live.publish(connection.org_id, status);
    for (org_id, kind) in matters.iter().filter_map(commands::agent::Matter::event) {
        app.live.publish(org_id, kind);
    }
    let messages = matters.into_iter().filter_map(commands::agent::Matter::message).collect();
    if rotates {
        keys::offer(app, connection, true).await?;
    }
    Ok(Arrived::Admitted(Arrival { acknowledged: u64::try_from(mark).unwrap_or(0), messages }))
}

async fn store_facts(
    tx: &mut PgConnection,
    connection: &Connection,
    coming: &Coming,
    now: Timestamp,
) -> sqlx::Result<String> {
    let facts = cleaned(coming.proof.facts.clone());
    let hardware_hash = hardware_hash(&facts);
    sqlx::query_scalar!(
        r#"select gateway_agent_connected($1, $2, $3, $4::text::inet, $5, $6, $7, $8) as "verdict!""#,
        connection.agent_id as _,
        connection.id,
        Time(now) as _,
        coming.origin.public_ip().map(|ip| ip.to_string()),
        Json(&facts) as _,
        hardware_hash.as_ref().map(|hash| &hash[..]),
        &coming.key_hash[..],
        coming.takes_turns,
    )
    .fetch_one(tx)
    .await
}

/// A connection has ended: after the grace period its agent is offline, unless it came back.
pub(super) fn left(app: &AppState, connection: &Arc<Connection>) {
    let (app, connection) = (app.clone(), Arc::clone(connection));
    app.tasks.clone().spawn(async move {
        if app.stopping.run_until_cancelled(tokio::time::sleep(OFFLINE_GRACE)).await.is_none() {
            return; // the next start sweeps
        }
        until_done(&app, "set an agent offline", || set_offline(&app, &connection)).await;
    });
}

async fn set_offline(app: &AppState, connection: &Connection) -> sqlx::Result<()> {
    let (now, last_seen) = (app.clock.now(), connection.last_seen());
    let mut tx = app.db.begin_ingest().await?;
    let changed = sqlx::query_scalar!(
        r#"select gateway_agent_disconnected($1, $2, $3, $4) as "changed!""#,
        connection.agent_id as _,
        connection.id,
        Time(now) as _,
        Time(last_seen) as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    if changed {
        publish_offline(app, connection.org_id, connection.agent_id, Some(Time(last_seen)));
    }
    Ok(())
}

fn publish_offline(app: &AppState, org_id: OrgId, agent_id: AgentId, last_seen_at: Option<Time>) {
    app.live.publish(org_id, LiveKind::AgentStatus { agent_id, status: "offline", last_seen_at });
}

/// Forgets the connections of an earlier life; before the first agent can connect.
pub async fn forget_connections(owner: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("select gateway_forget_connections() as done").fetch_one(owner).await?;
    Ok(())
}

/// Sets agents offline that did not come back after this server's start.
pub async fn sweep_after_start(app: AppState) {
    if app.stopping.run_until_cancelled(tokio::time::sleep(SWEEP_AFTER)).await.is_none() {
        return;
    }
    until_done(&app, "set agents of an earlier life offline", || sweep(&app)).await;
}

/// Tries until it succeeds or the server stops: what the database says of connections must not stay wrong because it was away for a
/// moment.
async fn until_done<R: Future<Output = sqlx::Result<()>>>(app: &AppState, what: &str, work: impl Fn() -> R) {
    while let Err(error) = work().await {
        tracing::warn!(%error, "could not {what}; trying again");
        if app.stopping.run_until_cancelled(tokio::time::sleep(RETRY_AFTER)).await.is_none() {
            return;
        }
    }
}

/// Sets agents offline that are online without a connection.
pub async fn sweep(app: &AppState) -> sqlx::Result<()> {
    let mut tx = app.db.begin_ingest().await?;
    let swept = sqlx::query!(
        r#"select agent_id as "agent_id!: AgentId", org_id as "org_id!: OrgId", last_seen_at from gateway_sweep_presence($1)"#,
        Time(app.clock.now()) as _,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    for row in swept {
        publish_offline(app, row.org_id, row.agent_id, row.last_seen_at);
    }
    Ok(())
}
