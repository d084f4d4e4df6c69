//! SQL of the table `audit_events`.

use gururmm_ids::{AgentId, AuditEventId, ClientId, RequestId, SiteId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::AuditEvent;
use crate::platform::auth::OrgScope;
use crate::platform::http::Cursor;
use crate::platform::time::Time;

/// Which events are wanted.
pub(super) struct Filter<'a> {
    pub(super) action: Option<&'a str>,
    pub(super) actor_id: Option<Uuid>,
    pub(super) target_id: Option<Uuid>,
    pub(super) agent_id: Option<AgentId>,
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
    pub(super) from: Option<Time>,
    pub(super) to: Option<Time>,
    pub(super) search: Option<&'a str>,
}

/// Events, the newest first, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter<'_>,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<AuditEvent>> {
    sqlx::query_as!(
        AuditEvent,
        r#"select id as "id: AuditEventId", occurred_at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
                  agent_id as "agent_id: AgentId", client_id as "client_id: ClientId", site_id as "site_id: SiteId", detail, host(ip) as ip,
                  request_id as "request_id: RequestId"
           from audit_events
           where org_id = $1 and ($2::text is null or action = $2) and ($3::uuid is null or actor_id = $3)
             and ($4::uuid is null or target_id = $4) and ($5::uuid is null or client_id = $5) and ($6::uuid is null or site_id = $6)
             and ($7::timestamptz is null or occurred_at >= $7) and ($8::timestamptz is null or occurred_at <= $8)
             and ($9::text is null or position(lower($9) in lower(action)) > 0 or position(lower($9) in lower(target_name)) > 0
                  or position(lower($9) in lower(actor_name)) > 0)
             and ($10::uuid is null or id < $10) and ($11::uuid is null or agent_id = $11)
           order by id desc limit $12"#,
        scope.org_id as _,
        filter.action,
        filter.actor_id,
        filter.target_id,
        filter.client_id as _,
        filter.site_id as _,
        filter.from as _,
        filter.to as _,
        filter.search,
        after.map(|cursor| cursor.id),
        filter.agent_id as _,
        i64::from(limit) + 1,
    )
    .fetch_all(tx)
    .await
}
