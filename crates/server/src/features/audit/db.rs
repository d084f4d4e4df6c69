//! SQL of the table `audit_events` and of its chain, and of the retention in `organisations`.

use gururmm_ids::{AgentId, AuditEventId, ClientId, RequestId, SessionId, SiteId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::AuditEvent;
use super::words::{self, Names};
use crate::platform::auth::OrgScope;
use crate::platform::time::Time;

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub(super) actions: Option<Vec<String>>,
    pub(super) outcome: Option<&'static str>,
    pub(super) actor_id: Option<Uuid>,
    pub(super) target_id: Option<Uuid>,
    pub(super) agent_id: Option<AgentId>,
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
    pub(super) session_id: Option<SessionId>,
    pub(super) api_key_id: Option<Uuid>,
    pub(super) from: Option<Time>,
    pub(super) to: Option<Time>,
    pub(super) search: Option<String>,
}

/// A row as it is stored.
struct Row {
    id: AuditEventId,
    occurred_at: Time,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    on_behalf_of_id: Option<Uuid>,
    on_behalf_of_name: Option<String>,
    action: String,
    outcome: String,
    target_kind: Option<String>,
    target_id: Option<Uuid>,
    target_name: Option<String>,
    agent_id: Option<AgentId>,
    client_id: Option<ClientId>,
    site_id: Option<SiteId>,
    detail: Value,
    ip: Option<String>,
    session_id: Option<SessionId>,
    api_key_id: Option<Uuid>,
    request_id: Option<RequestId>,
}

impl From<Row> for AuditEvent {
    fn from(row: Row) -> Self {
        let changes = words::changes(&row.detail);
        let names = Names {
            actor_kind: &row.actor_kind,
            actor: row.actor_name.as_deref(),
            on_behalf_of: row.on_behalf_of_name.as_deref(),
            target_kind: row.target_kind.as_deref(),
            target: row.target_name.as_deref(),
        };
        Self {
            summary: words::summary(&row.action, &names, &row.detail, &changes),
            changes,
            id: row.id,
            occurred_at: row.occurred_at,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            on_behalf_of_id: row.on_behalf_of_id,
            on_behalf_of_name: row.on_behalf_of_name,
            action: row.action,
            outcome: row.outcome,
            target_kind: row.target_kind,
            target_id: row.target_id,
            target_name: row.target_name,
            agent_id: row.agent_id,
            client_id: row.client_id,
            site_id: row.site_id,
            detail: row.detail,
            ip: row.ip,
            session_id: row.session_id,
            api_key_id: row.api_key_id,
            request_id: row.request_id,
        }
    }
}

/// Events, the newest first, those before `before` only.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter,
    before: Option<Uuid>,
    limit: u32,
) -> sqlx::Result<Vec<AuditEvent>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: AuditEventId", occurred_at, actor_kind, actor_id, actor_name, on_behalf_of_id, on_behalf_of_name, action,
                  outcome, target_kind, target_id, target_name, agent_id as "agent_id: AgentId", client_id as "client_id: ClientId",
                  site_id as "site_id: SiteId", detail, host(ip) as ip, session_id as "session_id: SessionId", api_key_id,
                  request_id as "request_id: RequestId"
           from audit_events
           where org_id = $1 and ($2::text[] is null or action = any ($2)) and ($3::uuid is null or actor_id = $3)
             and ($4::uuid is null or target_id = $4) and ($5::uuid is null or client_id = $5) and ($6::uuid is null or site_id = $6)
             and ($7::timestamptz is null or occurred_at >= $7) and ($8::timestamptz is null or occurred_at <= $8)
             and ($9::text is null or position(lower($9) in lower(action)) > 0 or position(lower($9) in lower(target_name)) > 0
                  or position(lower($9) in lower(actor_name)) > 0)
             and ($10::uuid is null or id < $10) and ($11::uuid is null or agent_id = $11) and ($12::text is null or outcome = $12)
             and ($13::uuid is null or session_id = $13) and ($14::uuid is null or api_key_id = $14)
           order by id desc limit $15"#,
        scope.org_id as _,
        filter.actions.as_deref() as _,
        filter.actor_id,
        filter.target_id,
        filter.client_id as _,
        filter.site_id as _,
        filter.from as _,
        filter.to as _,
        filter.search,
        before,
        filter.agent_id as _,
        filter.outcome,
        filter.session_id as _,
        filter.api_key_id,
        i64::from(limit),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(AuditEvent::from).collect())
}

/// How far the log is sealed.
pub(super) struct Sealed {
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
    pub(super) until: Time,
}

/// The newest event that is sealed.
pub(super) async fn sealed(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Option<Sealed>> {
    sqlx::query_as!(
        Sealed,
        "select c.seq, c.hash, e.occurred_at as until from audit_chain c join audit_events e on e.id = c.event_id
         where c.org_id = $1 order by c.seq desc limit 1",
        scope.org_id as _,
    )
    .fetch_optional(tx)
    .await
}

/// The last number that the retention removed.
pub(super) async fn anchor(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Option<(i64, Time)>> {
    let row = sqlx::query!(
        "select seq, anchored_at from audit_anchors where org_id = $1 order by seq desc limit 1",
        scope.org_id as _
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.seq, row.anchored_at)))
}

/// For how many days the log is kept; none for ever.
pub(super) async fn days(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("select audit_days from organisations where id = $1", scope.org_id as _).fetch_one(tx).await
}

/// The same, so that nobody else changes it before this transaction ends.
pub(super) async fn lock_days(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Option<i32>> {
    let days = sqlx::query_scalar!("select audit_days from organisations where id = $1 for update", scope.org_id as _);
    days.fetch_one(tx).await
}

/// Changes it.
pub(super) async fn set_days(tx: &mut PgConnection, scope: &OrgScope, days: Option<i32>) -> sqlx::Result<()> {
    sqlx::query!("update organisations set audit_days = $2 where id = $1", scope.org_id as _, days).execute(tx).await?;
    Ok(())
}
