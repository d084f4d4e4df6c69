//! SQL of the table `agent_findings`. Names and states are read from `agents` and `agent_presence` (agents), `clients` (clients) and `sites`
//! (sites).

use gururmm_ids::{AgentId, ClientId, FindingId, SiteId};
use sqlx::PgConnection;

use super::model::{Finding, FindingKind};
use crate::platform::auth::OrgScope;
use crate::platform::http::Cursor;

/// Which findings are wanted.
#[derive(Default)]
pub(super) struct Filter {
    pub(super) id: Option<FindingId>,
    pub(super) agent_id: Option<AgentId>,
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
    pub(super) kind: Option<FindingKind>,
}

/// Findings, the newest first, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Finding>> {
    sqlx::query_as!(
        Finding,
        r#"select f.id as "id: FindingId", f.agent_id as "agent_id: AgentId", coalesce(a.display_name, a.hostname) as "agent_name!",
                  a.state as agent_state, f.client_id as "client_id: ClientId", c.name as client_name, f.site_id as "site_id: SiteId",
                  s.name as site_name, f.kind, o.id as "other_agent_id?: AgentId",
                  coalesce(o.display_name, o.hostname) as other_agent_name, p.status as "other_agent_status?", f.detail, f.found_at
           from agent_findings f join agents a on a.id = f.agent_id join clients c on c.id = f.client_id join sites s on s.id = f.site_id
               left join agents o on o.id = f.other_agent_id left join agent_presence p on p.agent_id = o.id
           where f.org_id = $1 and ($2::uuid is null or f.id = $2) and ($3::uuid is null or f.agent_id = $3)
             and ($4::uuid is null or f.client_id = $4) and ($5::uuid is null or f.site_id = $5) and ($6::text is null or f.kind = $6)
             and ($7::uuid is null or f.id < $7)
             -- that somewhere else is the same hardware is nothing for who does not see where
             and (f.kind <> 'known_hardware' or o.id is not null)
           order by f.id desc limit $8"#,
        scope.org_id as _,
        filter.id as _,
        filter.agent_id as _,
        filter.client_id as _,
        filter.site_id as _,
        filter.kind.map(FindingKind::as_str),
        after.map(|cursor| cursor.id),
        i64::from(limit) + 1,
    )
    .fetch_all(tx)
    .await
}

/// Removes a finding; says whether there was one.
pub(super) async fn delete(tx: &mut PgConnection, scope: &OrgScope, id: FindingId) -> sqlx::Result<bool> {
    let result = sqlx::query!("delete from agent_findings where org_id = $1 and id = $2", scope.org_id as _, id as _)
        .execute(tx)
        .await?;
    Ok(result.rows_affected() == 1)
}
