//! SQL of the tables `agents` and `agent_presence`. Names are read from `clients` (clients) and `sites` (sites), and beside them what people
//! added: `agent_tags` (tags) and `agent_field_values` (custom_fields).
//!
//! The list has many filters and orders: which agents it has is found by functions of the database (`agents_page`, `agents_count`), which put
//! a statement together of constants of their own and plan it for its values each time. A plan that is good for an organisation of a
//! thousand machines reads all of one that has forty thousand.

use gururmm_ids::{AgentId, ClientId, SiteId};
use jiff::Timestamp;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, QueryBuilder};

use super::filter::Asked;
use super::model::{Agent, AgentSummary, AgentsByOs};
use super::order::{Direction, Order, Place};
use crate::platform::auth::{self, OrgScope};
use crate::platform::http::Patch;
use crate::platform::time::Time;

const COLUMNS: &str = "a.id, a.client_id, c.name as client_name, a.site_id, s.name as site_name, a.hostname, a.display_name, a.os, \
    a.os_name, a.os_version, a.kernel_version, a.arch, a.agent_version, p.status, p.status_changed_at, p.last_seen_at, \
    host(p.public_ip) as public_ip, a.state, a.state_changed_at, a.state_reason, a.site_key_id, a.serial, a.manufacturer, a.model, a.key_changed_at, \
    a.rotate_requested_at, a.enrolled_at, a.created_at, a.updated_at, p.cpu_percent, p.memory_percent, p.disk_percent, \
    p.uptime_seconds, p.logged_in_user, p.user_idle_seconds, p.metrics_at, a.capabilities, \
    (select coalesce(array_agg(t.tag order by t.key), '{}') from agent_tags t where t.agent_id = a.id) as tags, \
    (select coalesce(jsonb_object_agg(v.field_id, v.value), '{}') from agent_field_values v where v.agent_id = a.id) as custom_fields";
const WITH_PRESENCE: &str = " join agent_presence p on p.agent_id = a.id";
const WITH_CLIENT: &str = " join clients c on c.id = a.client_id";
const WITH_SITE: &str = " join sites s on s.id = a.site_id";

/// Whether there is such an agent.
pub async fn exists(tx: &mut PgConnection, scope: &OrgScope, agent_id: AgentId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from agents where org_id = $1 and id = $2) as "exists!""#,
        scope.org_id as _,
        agent_id as _,
    )
    .fetch_one(tx)
    .await
}

/// Where an agent is.
pub async fn place_of(tx: &mut PgConnection, scope: &OrgScope, agent_id: AgentId) -> sqlx::Result<Option<auth::Place>> {
    let place = sqlx::query!(
        r#"select client_id as "client: ClientId", site_id as "site: SiteId" from agents where org_id = $1 and id = $2"#,
        scope.org_id as _,
        agent_id as _,
    )
    .fetch_optional(tx)
    .await?;
    Ok(place.map(|place| auth::Place::Site(place.client, place.site)))
}

/// An agent of a list, and its value in the list's order as text.
#[derive(Debug, FromRow)]
pub(super) struct Listed {
    #[sqlx(flatten)]
    pub(super) agent: Agent,
    pub(super) sort_value: String,
}

/// One agent.
pub async fn find(tx: &mut PgConnection, scope: &OrgScope, id: AgentId) -> sqlx::Result<Option<Agent>> {
    Ok(find_all(tx, scope, &[id]).await?.pop())
}

/// Those of these agents that are there.
pub(super) async fn find_all(tx: &mut PgConnection, scope: &OrgScope, ids: &[AgentId]) -> sqlx::Result<Vec<Agent>> {
    let mut query = QueryBuilder::new("select ");
    query.push(COLUMNS).push(" from agents a").push(WITH_PRESENCE).push(WITH_CLIENT).push(WITH_SITE);
    query.push(" where a.org_id = ").push_bind(scope.org_id).push(" and a.id = any(").push_bind(ids.to_vec());
    query.push(")").build_query_as().fetch_all(tx).await
}

/// Agents in the order, from the place on; one more than `limit`.
///
/// The page is found by the database's owner in rows that are narrow and planned for; only its rows are read, under row-level security.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    asked: &Asked,
    order: Order,
    after: Option<&Place>,
    limit: u32,
) -> sqlx::Result<Vec<Listed>> {
    let mut query = QueryBuilder::new("select r.*, k.sort_value from agents_page(");
    query.push_bind(scope.org_id).push(", ").push_bind(Json(asked)).push(", ").push_bind(order.sort.name());
    query.push(", ").push_bind(order.direction == Direction::Desc);
    query.push(", ").push_bind(after.map(Place::text)).push(", ").push_bind(after.map(|place| place.id));
    query.push(", ").push_bind(limit as i32 + 1);
    // one by one, from the page: who estimates what policies let through begins with the clients, and reads every machine
    query.push(") with ordinality k (agent_id, sort_value, place) cross join lateral (select ").push(COLUMNS);
    query.push(" from agents a").push(WITH_PRESENCE).push(WITH_CLIENT).push(WITH_SITE);
    query.push(" where a.org_id = ").push_bind(scope.org_id).push(" and a.id = k.agent_id limit 1) r order by k.place");
    query.build_query_as().fetch_all(tx).await
}

/// How many agents the filter lets through.
pub(super) async fn count(tx: &mut PgConnection, scope: &OrgScope, asked: &Asked) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select agents_count($1, $2) as "count!""#, scope.org_id as _, Json(asked) as _)
        .fetch_one(tx)
        .await
}

/// Numbers of agents by status and operating system.
pub(super) async fn summary(
    tx: &mut PgConnection,
    scope: &OrgScope,
    client_id: Option<ClientId>,
    site_id: Option<SiteId>,
) -> sqlx::Result<AgentSummary> {
    let row = sqlx::query!(
        r#"select count(*) as "total!", count(*) filter (where p.status = 'online') as "online!",
                  count(*) filter (where a.state = 'waiting') as "waiting!",
                  count(*) filter (where a.state = 'quarantined') as "quarantined!",
                  count(*) filter (where a.os = 'linux') as "linux!", count(*) filter (where a.os = 'windows') as "windows!",
                  count(*) filter (where a.os = 'macos') as "macos!"
           from agents a join agent_presence p on p.agent_id = a.id
           where a.org_id = $1 and ($2::uuid is null or a.client_id = $2) and ($3::uuid is null or a.site_id = $3)"#,
        scope.org_id as _,
        client_id as _,
        site_id as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(AgentSummary {
        total: row.total,
        online: row.online,
        offline: row.total - row.online,
        waiting: row.waiting,
        quarantined: row.quarantined,
        by_os: AgentsByOs { linux: row.linux, windows: row.windows, macos: row.macos },
    })
}

/// Takes the marks of agents, as batches do before anything of them changes: of two who want several, one goes first.
pub(super) async fn lock_marks(tx: &mut PgConnection, ids: &[AgentId]) -> sqlx::Result<()> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_uuid()).collect();
    sqlx::query!("select ingest_lock_agent(id) as locked from unnest($1::uuid[]) id order by id", &ids)
        .fetch_all(tx)
        .await
        .map(drop)
}

/// Keeps agents as they are until the end of the transaction: what is read of them is what will be changed.
pub async fn lock(tx: &mut PgConnection, scope: &OrgScope, ids: &[AgentId]) -> sqlx::Result<()> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_uuid()).collect();
    // in order: of two who want several, one goes first
    sqlx::query!(
        "select id from agents where org_id = $1 and id = any ($2) order by id for no key update",
        scope.org_id as _,
        &ids
    )
    .fetch_all(tx)
    .await
    .map(drop)
}

/// What to change of an agent.
pub(super) struct Change {
    /// The display name.
    pub(super) display_name: Patch<String>,
    /// Where it moves to.
    pub(super) site: Option<(ClientId, SiteId)>,
}

/// Changes what is given; says whether there was such an agent.
pub(super) async fn update(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: AgentId,
    change: Change,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let (renames, display_name) = change.display_name.into_change();
    let result = sqlx::query!(
        "update agents set display_name = case when $3 then $4 else display_name end, client_id = coalesce($5, client_id),
                site_id = coalesce($6, site_id), updated_at = $7
         where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        renames,
        display_name,
        change.site.map(|(client_id, _)| client_id) as _,
        change.site.map(|(_, site_id)| site_id) as _,
        Time(now) as _,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Removes an agent, with its presence and its commands; says whether there was one.
pub async fn delete(tx: &mut PgConnection, scope: &OrgScope, id: AgentId) -> sqlx::Result<bool> {
    // batches take the mark first too: neither waits for the other
    sqlx::query!("select ingest_lock_agent($1) as locked", id as _).fetch_one(&mut *tx).await?;
    let result = sqlx::query!("delete from agents where org_id = $1 and id = $2", scope.org_id as _, id as _)
        .execute(tx)
        .await?;
    Ok(result.rows_affected() == 1)
}
