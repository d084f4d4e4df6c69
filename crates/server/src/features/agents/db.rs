//! SQL of the tables `agents` and `agent_presence`. Names are read from `clients` (clients) and `sites` (sites), and beside them what people
//! added: `agent_tags` (tags) and `agent_field_values` (custom_fields).
//!
//! The list has many filters and orders, so its statement is put together; every part of it is a constant of this crate and
//! every value is bound. It is planned for its values each time: a plan that is good for an organisation of a thousand machines reads all of
//! one that has forty thousand.

use gururmm_ids::{AgentId, ClientId, SiteId, SiteKeyId};
use jiff::Timestamp;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::model::{Agent, AgentOs, AgentState, AgentStatus, AgentSummary, AgentsByOs};
use super::order::{Order, Place, Sort};
use crate::features::{custom_fields, tags};
use crate::platform::auth::{self, OrgScope};
use crate::platform::http::Patch;
use crate::platform::time::Time;

const COLUMNS: &str = "a.id, a.client_id, c.name as client_name, a.site_id, s.name as site_name, a.hostname, a.display_name, a.os, \
    a.os_name, a.os_version, a.kernel_version, a.arch, a.agent_version, p.status, p.status_changed_at, p.last_seen_at, \
    host(p.public_ip) as public_ip, a.state, a.state_changed_at, a.state_reason, a.serial, a.manufacturer, a.model, a.key_changed_at, \
    a.rotate_requested_at, a.enrolled_at, a.created_at, a.updated_at, p.cpu_percent, p.memory_percent, p.disk_percent, \
    p.uptime_seconds, p.logged_in_user, p.user_idle_seconds, p.metrics_at, a.capabilities, \
    (select coalesce(array_agg(t.tag order by t.key), '{}') from agent_tags t where t.agent_id = a.id) as tags, \
    (select coalesce(jsonb_object_agg(v.field_id, v.value), '{}') from agent_field_values v where v.agent_id = a.id) as custom_fields";
const WITH_PRESENCE: &str = " join agent_presence p on p.agent_id = a.id";
const WITH_CLIENT: &str = " join clients c on c.id = a.client_id";
const WITH_SITE: &str = " join sites s on s.id = a.site_id";

/// Agents that a search may find one by one, of each of its two kinds; above that their ids would cost more than looking.
const FEW: i32 = 1_000;

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

/// Agents that something finds: a search, tags, the value of a field.
#[derive(Debug)]
pub(super) enum Found<T> {
    /// These.
    Few(Vec<AgentId>),
    /// So many that a page fills soon when the rows are read in order: those that this is true of.
    Many(T),
}

impl<T> Found<T> {
    fn new(ids: Vec<AgentId>, what: T) -> Self {
        if ids.len() < FEW as usize { Self::Few(ids) } else { Self::Many(what) }
    }
}

/// Looks for a text in host names, display names, serial numbers, logged-in users, addresses and tags.
pub(super) async fn search(tx: &mut PgConnection, text: String) -> sqlx::Result<Found<String>> {
    let ids = sqlx::query_scalar!(
        r#"select id as "id!: AgentId" from (select * from agents_search($1, $2) union select * from agent_tags_search($1, $2)) found (id)"#,
        text,
        FEW,
    )
    .fetch_all(tx)
    .await?;
    Ok(Found::new(ids, text))
}

/// Looks for machines that have each of these tags.
pub(super) async fn tagged(
    tx: &mut PgConnection,
    scope: &OrgScope,
    tags: Vec<String>,
) -> sqlx::Result<Found<Vec<String>>> {
    Ok(Found::new(tags::matching(tx, scope, &tags, FEW).await?, tags))
}

/// Looks for machines with this value in a field.
pub(super) async fn with_value(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: custom_fields::Filter,
) -> sqlx::Result<Found<custom_fields::Filter>> {
    Ok(Found::new(custom_fields::matching(tx, scope, &filter, FEW).await?, filter))
}

/// Which agents are wanted.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub(super) found: Option<Found<String>>,
    pub(super) tags: Option<Found<Vec<String>>>,
    pub(super) field: Option<Found<custom_fields::Filter>>,
    pub(super) status: Option<AgentStatus>,
    pub(super) state: Option<AgentState>,
    pub(super) os: Option<AgentOs>,
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
    pub(super) site_key_id: Option<SiteKeyId>,
}

impl Filter {
    /// Adds the tables that the filter and the order look at.
    fn push_from(&self, query: &mut QueryBuilder<Postgres>, sort: Option<Sort>) {
        let by_presence = matches!(sort, Some(Sort::Status | Sort::Cpu | Sort::Memory | Sort::Disk | Sort::LastSeen));
        if by_presence && self.is_of_presence() {
            // a join of the whole fleet takes longer than all the rest
            query.push(" from agent_presence p cross join lateral (select p.agent_id as id, p.org_id) a");
            return;
        }
        query.push(" from agents a");
        if by_presence || self.status.is_some() || matches!(self.found, Some(Found::Many(_))) {
            query.push(WITH_PRESENCE);
        }
        if sort == Some(Sort::Client) {
            query.push(WITH_CLIENT);
        }
        if sort == Some(Sort::Site) {
            query.push(WITH_SITE);
        }
    }

    /// Whether it asks for nothing that only `agents` has.
    fn is_of_presence(&self) -> bool {
        !matches!(self.found, Some(Found::Many(_)))
            && self.state.is_none()
            && self.os.is_none()
            && self.client_id.is_none()
            && self.site_id.is_none()
            && self.site_key_id.is_none()
    }

    fn push_where(&self, query: &mut QueryBuilder<Postgres>, scope: &OrgScope) {
        query.push(" where a.org_id = ").push_bind(scope.org_id);
        match &self.found {
            None => {}
            Some(Found::Few(ids)) => push_ids(query, ids),
            Some(Found::Many(text)) => push_contains(query, text),
        }
        match &self.tags {
            None => {}
            Some(Found::Few(ids)) => push_ids(query, ids),
            Some(Found::Many(tags)) => {
                for tag in tags {
                    query.push(" and exists (select from agent_tags t where t.agent_id = a.id and t.key = lower(");
                    query.push_bind(tag.clone()).push("))");
                }
            }
        }
        match &self.field {
            None => {}
            Some(Found::Few(ids)) => push_ids(query, ids),
            Some(Found::Many(wanted)) => {
                query.push(" and exists (select from agent_field_values v where v.agent_id = a.id and v.field_id = ");
                query.push_bind(wanted.id).push(" and v.key = lower(").push_bind(wanted.value.clone()).push("))");
            }
        }
        if let Some(status) = self.status {
            query.push(" and p.status = ").push_bind(status.as_str());
        }
        if let Some(state) = self.state {
            query.push(" and a.state = ").push_bind(state.as_str());
            if state != AgentState::Active {
                // so that the planner sees that the index of the few holds them
                query.push(" and a.state <> 'active'");
            }
        }
        if let Some(os) = self.os {
            query.push(" and a.os = ").push_bind(os.as_str());
        }
        if let Some(client_id) = self.client_id {
            query.push(" and a.client_id = ").push_bind(client_id);
        }
        if let Some(site_id) = self.site_id {
            query.push(" and a.site_id = ").push_bind(site_id);
        }
        if let Some(site_key_id) = self.site_key_id {
            query.push(" and a.site_key_id = ").push_bind(site_key_id);
        }
    }
}

fn push_ids(query: &mut QueryBuilder<Postgres>, ids: &[AgentId]) {
    query.push(" and a.id = any(").push_bind(ids.to_vec()).push(")");
}

/// Adds the condition of `agents_search` and `agent_tags_search`.
fn push_contains(query: &mut QueryBuilder<Postgres>, text: &str) {
    let mut before = " and (position(lower(";
    for place in [
        "lower(a.hostname || ' ' || coalesce(a.display_name, ''))",
        "lower(a.serial)",
        "lower(p.logged_in_user)",
        "host(p.public_ip)",
    ] {
        query.push(before).push_bind(text.to_owned()).push(") in ").push(place).push(") > 0");
        before = " or position(lower(";
    }
    query.push(" or exists (select from agent_tags t where t.agent_id = a.id and position(lower(");
    query.push_bind(text.to_owned()).push(") in t.key) > 0))");
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
/// The inner query finds the page in the narrowest rows that can be sorted; only the page's rows get their other columns.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter,
    order: Order,
    after: Option<&Place>,
    limit: u32,
) -> sqlx::Result<Vec<Listed>> {
    let (value, direction) = (order.sort.expression(), order.direction.word());
    let mut query = QueryBuilder::new("with k as (select a.id, ");
    query.push(value).push(" as value");
    filter.push_from(&mut query, Some(order.sort));
    filter.push_where(&mut query, scope);
    if let Some(place) = after {
        order.push_after(&mut query, place);
    }
    for part in [" order by ", value, " ", direction, ", a.id ", direction, " limit "] {
        query.push(part);
    }
    query.push_bind(i64::from(limit) + 1);
    // one by one, from the page: who estimates what policies let through begins with the clients, and reads every machine
    for part in
        [") select r.*, ", order.sort.text_of_value(), " as sort_value from k cross join lateral (select ", COLUMNS]
    {
        query.push(part);
    }
    query.push(" from agents a").push(WITH_PRESENCE).push(WITH_CLIENT).push(WITH_SITE);
    query.push(" where a.id = k.id limit 1) r");
    for part in [" order by k.value ", direction, ", k.id ", direction] {
        query.push(part);
    }
    query.build_query_as().persistent(false).fetch_all(tx).await
}

/// How many agents the filter lets through.
pub(super) async fn count(tx: &mut PgConnection, scope: &OrgScope, filter: &Filter) -> sqlx::Result<i64> {
    let mut query = QueryBuilder::new("select count(*)");
    filter.push_from(&mut query, None);
    filter.push_where(&mut query, scope);
    query.build_query_scalar().persistent(false).fetch_one(tx).await
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
