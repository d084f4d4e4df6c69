//! SQL of enrolment: the functions that write `agents`, `agent_presence`, `site_keys` and the audit row together.

use gururmm_ids::{AgentId, AuditEventId, DeviceId, OrgId};
use gururmm_protocol::facts::Facts;
use jiff::Timestamp;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::facts::hardware_hash;
use crate::features::agents::{self, AgentState};
use crate::platform::auth::OrgScope;
use crate::platform::http::origin::Origin;
use crate::platform::random;
use crate::platform::time::Time;

/// A machine that wants to become an agent.
pub(super) struct New {
    pub(super) agent_id: AgentId,
    pub(super) key_hash: [u8; 32],
    pub(super) device_id: DeviceId,
    pub(super) public_key: [u8; 32],
    pub(super) facts: Facts,
    pub(super) sandbox: Option<&'static str>,
}

/// What became of it: `enrolled` or `waiting`, with the names, or why not.
pub(super) struct Outcome {
    pub(super) verdict: String,
    pub(super) org_id: Option<OrgId>,
    pub(super) client_name: Option<String>,
    pub(super) site_name: Option<String>,
}

/// An agent as it must prove itself.
pub(super) struct Agent {
    pub(super) org_id: OrgId,
    pub(super) device_id: DeviceId,
    pub(super) public_key: Vec<u8>,
}

/// Trades a site key for an agent.
pub(super) async fn enroll(
    tx: &mut PgConnection,
    site_key_hash: &[u8; 32],
    new: &New,
    origin: Origin,
    now: Timestamp,
) -> sqlx::Result<Outcome> {
    let hardware_hash = hardware_hash(&new.facts);
    sqlx::query_as!(
        Outcome,
        r#"select outcome as "verdict!", org_id as "org_id: OrgId", client_name, site_name
           from enrolment_enroll($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::inet, $11::text::inet, $12, $13)"#,
        &site_key_hash[..],
        new.agent_id as _,
        new.device_id as _,
        &new.public_key[..],
        &new.key_hash[..],
        Json(&new.facts) as _,
        hardware_hash.as_ref().map(|hash| &hash[..]),
        new.sandbox,
        Time(now) as _,
        origin.ip.to_string(),
        origin.public_ip().map(|ip| ip.to_string()),
        AuditEventId::generate() as _,
        origin.request_id as _,
    )
    .fetch_one(tx)
    .await
}

/// The agent of an id.
pub(super) async fn find_agent(tx: &mut PgConnection, id: AgentId) -> sqlx::Result<Option<Agent>> {
    sqlx::query_as!(
        Agent,
        r#"select org_id as "org_id!: OrgId", device_id as "device_id!: DeviceId", public_key as "public_key!" from gateway_find_agent($1)"#,
        id as _,
    )
    .fetch_optional(tx)
    .await
}

/// Removes an agent that wants to leave; says whether it was still there.
pub(super) async fn unenroll(tx: &mut PgConnection, id: AgentId, origin: Origin, now: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select enrolment_unenroll($1, $2, $3::text::inet, $4, $5) as "done!""#,
        id as _,
        Time(now) as _,
        origin.ip.to_string(),
        AuditEventId::generate() as _,
        origin.request_id as _,
    )
    .fetch_one(tx)
    .await
}

/// Says whether an agent may work, from now on.
pub(super) async fn set_state(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: AgentId,
    state: AgentState,
    reason: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update agents set state = $3, state_reason = $4, state_changed_at = $5 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        state.as_str(),
        reason,
        Time(now) as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Forgets that two machines had the identity of an agent: what comes next is looked at anew.
pub(super) async fn forget_clone(tx: &mut PgConnection, scope: &OrgScope, id: AgentId) -> sqlx::Result<()> {
    sqlx::query!(
        "update agents set previous_hardware_hash = null where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from agent_findings where org_id = $1 and agent_id = $2 and kind = 'clone'",
        scope.org_id as _,
        id as _
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Notes that an agent is to take another key.
pub(super) async fn request_key(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: AgentId,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update agents set rotate_requested_at = $3 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        Time(now) as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Makes the key of an agent good for nothing; says whether it was good for something.
pub(super) async fn revoke_key(
    tx: &mut PgConnection,
    id: AgentId,
    reason: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let hash_of_nothing: [u8; 32] = random::bytes();
    sqlx::query_scalar!(
        r#"select agent_revoke_key($1, $2, $3, $4) as "done!""#,
        id as _,
        &hash_of_nothing[..],
        reason,
        Time(now) as _,
    )
    .fetch_one(tx)
    .await
}

/// Continues the record `older` with the identity of `newer`, while both are where they were seen; says `done` or why not, see `agent_adopt`.
pub(super) async fn adopt(
    tx: &mut PgConnection,
    (newer, older): (&agents::Agent, &agents::Agent),
    may_delete: bool,
    now: Timestamp,
) -> sqlx::Result<String> {
    sqlx::query_scalar!(
        r#"select agent_adopt($1, $2, $3, $4, $5, $6) as "outcome!""#,
        newer.id as _,
        newer.site_id as _,
        older.id as _,
        older.site_id as _,
        may_delete,
        Time(now) as _,
    )
    .fetch_one(tx)
    .await
}

/// Agents that were removed because they had been offline for as long as their site says.
pub(super) async fn remove_idle(
    owner: &mut PgConnection,
    now: Timestamp,
    most: i32,
) -> sqlx::Result<Vec<(AgentId, OrgId)>> {
    let rows = sqlx::query!(
        r#"select agent_id as "agent_id!: AgentId", org_id as "org_id!: OrgId" from enrolment_remove_idle($1, $2)"#,
        Time(now) as _,
        most,
    )
    .fetch_all(owner)
    .await?;
    Ok(rows.into_iter().map(|row| (row.agent_id, row.org_id)).collect())
}
