//! The audit log: every change writes its row in its own transaction, so there is neither a change without a row nor a row
//! without a change. What somebody who is known was refused is a row too, written after the answer ([`refused`]).
//!
//! Rows are never changed. A job gives each a number and a hash over what it says and the hash before it, per organisation ([`chain`],
//! [`seal()`]); the newest hash is signed now and then, with a key that is not in the database, into a file that is not there either
//! ([`checkpoints`]); [`verify()`] compares all of them and names what is not as it was told.

pub mod chain;
pub mod checkpoints;
pub mod refused;
mod retention;
mod seal;
pub mod verify;

use std::net::IpAddr;

use gururmm_ids::{AgentId, AuditEventId, ClientId, OrgId, RequestId, SiteId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::auth::identity::CredentialId;
use super::auth::{OrgScope, Place};
use super::time::Time;

pub use checkpoints::Checkpoints;
pub use retention::trim;
pub use seal::seal;
pub use verify::verify;

/// What was done, to what.
#[derive(Clone, Debug)]
pub struct AuditEvent<'a> {
    /// `thing.verb` in the past tense, such as `client.created`.
    pub action: &'static str,
    /// What it was done to.
    pub target: Target<'a>,
    /// What else to know, never secrets. What was and what is now stand under `before` and `after`, with the same names in both.
    pub detail: Value,
}

/// What something was done to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Target<'a> {
    /// Its kind, such as `client`.
    pub kind: &'static str,
    /// Its id.
    pub id: Option<Uuid>,
    /// Its name at the time.
    pub name: Option<&'a str>,
    /// The machine it concerns.
    pub agent_id: Option<AgentId>,
    /// The client it belongs to.
    pub client_id: Option<ClientId>,
    /// The site it belongs to.
    pub site_id: Option<SiteId>,
}

impl Target<'_> {
    /// Where it is: what its client and site name, or else the organisation.
    pub const fn place(&self) -> Place {
        Place::of(self.client_id, self.site_id)
    }

    /// The organisation itself.
    pub fn organisation(id: OrgId) -> Self {
        Self { kind: "organisation", id: Some(id.as_uuid()), ..Self::default() }
    }
}

/// Writes a row in the name of the scope's user.
pub async fn record(
    tx: &mut PgConnection,
    scope: &OrgScope,
    now: Timestamp,
    event: AuditEvent<'_>,
) -> sqlx::Result<()> {
    insert(tx, scope, now, event, "done").await
}

/// Writes what the scope's user was refused.
async fn record_refused(
    tx: &mut PgConnection,
    scope: &OrgScope,
    now: Timestamp,
    event: AuditEvent<'_>,
) -> sqlx::Result<()> {
    insert(tx, scope, now, event, "refused").await
}

async fn insert(
    tx: &mut PgConnection,
    scope: &OrgScope,
    now: Timestamp,
    event: AuditEvent<'_>,
    outcome: &str,
) -> sqlx::Result<()> {
    let (actor_kind, session_id, api_key_id) = match scope.credential {
        CredentialId::Session(id) => ("user", Some(id), None),
        CredentialId::ApiKey(id) => ("api_key", None, Some(id)),
        CredentialId::Schedule(_) => ("schedule", None, None),
    };
    sqlx::query!(
        "insert into audit_events (id, org_id, occurred_at, actor_id, actor_name, action, target_kind, target_id,
                                   target_name, client_id, site_id, detail, ip, request_id, agent_id, session_id, outcome, actor_kind,
                                   api_key_id)
         values ($1, $2, $3, $4, (select name from users where id = $4), $5, $6, $7, $8, $9, $10, $11, $12::text::inet, $13, $14,
                 $15, $16, $17, $18)",
        AuditEventId::generate() as _,
        scope.org_id as _,
        Time(now) as _,
        scope.user_id as _,
        event.action,
        event.target.kind,
        event.target.id,
        event.target.name,
        event.target.client_id as _,
        event.target.site_id as _,
        Json(event.detail) as _,
        scope.address(),
        scope.request_id as _,
        event.target.agent_id as _,
        session_id as _,
        outcome,
        actor_kind,
        api_key_id as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes what somebody was refused of whom nothing is known but the address.
async fn record_stranger(
    tx: &mut PgConnection,
    org_id: OrgId,
    now: Timestamp,
    (ip, request_id): (IpAddr, RequestId),
    event: AuditEvent<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit_events (id, org_id, occurred_at, actor_kind, action, outcome, target_kind, target_id, target_name, detail, ip,
                                   request_id)
         values ($1, $2, $3, 'anonymous', $4, 'refused', $5, $6, $7, $8, $9::text::inet, $10)",
        AuditEventId::generate() as _,
        org_id as _,
        Time(now) as _,
        event.action,
        event.target.kind,
        event.target.id,
        event.target.name,
        Json(event.detail) as _,
        ip.to_string(),
        request_id as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes a row in the name of the server itself, for what it does without being asked. Needs the owner's connection.
pub async fn record_own(
    owner: &mut PgConnection,
    org_id: OrgId,
    now: Timestamp,
    event: AuditEvent<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit_events (id, org_id, occurred_at, actor_kind, action, target_kind, target_id, target_name, client_id, site_id,
                                   detail, agent_id)
         values ($1, $2, $3, 'system', $4, $5, $6, $7, $8, $9, $10, $11)",
        AuditEventId::generate() as _,
        org_id as _,
        Time(now) as _,
        event.action,
        event.target.kind,
        event.target.id,
        event.target.name,
        event.target.client_id as _,
        event.target.site_id as _,
        Json(event.detail) as _,
        event.target.agent_id as _,
    )
    .execute(owner)
    .await?;
    Ok(())
}
