//! SQL of enrolment: the functions that write `agents`, `agent_presence`, `site_keys` and the audit row together.

use gururmm_ids::{AgentId, AuditEventId, DeviceId, OrgId};
use gururmm_protocol::facts::Facts;
use jiff::Timestamp;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::platform::http::origin::Origin;
use crate::platform::time::Time;

/// A machine that wants to become an agent.
pub(super) struct New {
    pub(super) agent_id: AgentId,
    pub(super) key_hash: [u8; 32],
    pub(super) device_id: DeviceId,
    pub(super) public_key: [u8; 32],
    pub(super) facts: Facts,
}

/// What became of it: `enrolled`, with the names, or why not.
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
    sqlx::query_as!(
        Outcome,
        r#"select outcome as "verdict!", org_id as "org_id: OrgId", client_name, site_name
           from enrolment_enroll($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::text::inet, $16::text::inet, $17, $18)"#,
        &site_key_hash[..],
        new.agent_id as _,
        new.device_id as _,
        &new.public_key[..],
        &new.key_hash[..],
        new.facts.hostname,
        new.facts.os.as_str(),
        new.facts.os_name,
        new.facts.os_version,
        new.facts.kernel_version,
        new.facts.arch,
        new.facts.agent_version,
        Json(&new.facts.capabilities) as _,
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
