//! SQL of the tables `schedules`, `schedule_zones` and `schedule_marks`. Names are read from `clients`, `sites`, `scripts` and `users`.

use std::collections::HashMap;

use gururmm_ids::{AgentId, ClientId, OrgId, ScheduleId, ScriptId, SiteId, UserId};
use sqlx::types::Json;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::mandate::{Mandate, Signed};
use super::model::{Row, Status};
use crate::platform::auth::stored::StoredGrant;
use crate::platform::auth::{OrgScope, Place};
use crate::platform::http::Cursor;
use crate::platform::time::Time;

const SELECT: &str = "select h.id, h.org_id, h.kind, h.name, h.client_id, c.name as client_name, h.site_id, s.name as site_name, h.script_id, t.name as script_name,
        h.script_version, t.approved_version as script_approved_version, h.mandate, h.mandate_signature, h.mandate_key_id, h.status, h.status_reason, h.machines_max,
        a.name as approved_by_name, h.approved_at, case when isfinite(h.next_at) then h.next_at end as next_at, h.last_due_at, h.last_outcome, h.last_reason,
        m.name as created_by_name, h.created_at, h.changed_by, g.name as changed_by_name, h.updated_at, lower(h.name) as sort_name
    from schedules h join scripts t on t.id = h.script_id left join clients c on c.id = h.client_id left join sites s on s.id = h.site_id
        left join users a on a.id = h.approved_by left join users m on m.id = h.created_by left join users g on g.id = h.changed_by
    where h.org_id = ";

/// One schedule.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: ScheduleId) -> sqlx::Result<Option<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id).push(" and h.id = ").push_bind(id);
    query.build_query_as().fetch_optional(tx).await
}

/// Keeps a schedule as it is until the end of the transaction.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: ScheduleId) -> sqlx::Result<()> {
    sqlx::query!("select id from schedules where org_id = $1 and id = $2 for no key update", scope.org_id as _, id as _)
        .fetch_optional(tx)
        .await
        .map(drop)
}

/// Which schedules are wanted.
pub(super) struct Filter<'a> {
    pub(super) search: Option<&'a str>,
    pub(super) status: Option<Status>,
    pub(super) script_id: Option<ScriptId>,
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
}

/// Schedules by name, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter<'_>,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Row>> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(scope.org_id);
    if let Some(search) = filter.search {
        query.push(" and position(lower(").push_bind(search).push(") in lower(h.name)) > 0");
    }
    if let Some(status) = filter.status {
        query.push(" and h.status = ").push_bind(status.as_str());
    }
    if let Some(id) = filter.script_id {
        query.push(" and h.script_id = ").push_bind(id);
    }
    if let Some(id) = filter.client_id {
        query.push(" and h.client_id = ").push_bind(id);
    }
    if let Some(id) = filter.site_id {
        query.push(" and h.site_id = ").push_bind(id);
    }
    if let Some(cursor) = after {
        query.push(" and (lower(h.name), h.id) > (").push_bind(&cursor.value).push(", ").push_bind(cursor.id).push(")");
    }
    query.push(" order by lower(h.name), h.id limit ").push_bind(i64::from(limit) + 1);
    query.build_query_as().persistent(false).fetch_all(tx).await
}

/// How many schedules the organisation has, whoever sees them.
pub(super) async fn count(tx: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select schedules_count() as "count!""#).fetch_one(tx).await
}

/// Adds a schedule, or replaces what one says; false when there is none to replace.
pub(super) async fn save(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (mandate, signed): (&Mandate, &Signed),
    name: &str,
    (is_new, begins_anew): (bool, bool),
    now: Time,
) -> sqlx::Result<bool> {
    let (client, site) = (mandate.client_id, mandate.site_id);
    let (id, kind, script, version) =
        (mandate.schedule_id, mandate.trigger.kind(), mandate.script_id, mandate.script_version);
    let result = if is_new {
        sqlx::query!(
            "insert into schedules (id, org_id, client_id, site_id, name, kind, script_id, script_version, mandate, mandate_signature, mandate_key_id,
                                    status, next_at, enabled_at, created_by, created_at, changed_by, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'active', '-infinity', $12, $13, $12, $13, $12)",
            id as _, scope.org_id as _, client as _, site as _, name, kind, script as _, version, signed.text, &signed.signature, signed.key_id,
            now as _, scope.user_id as _,
        )
        .execute(tx)
        .await?
    } else {
        sqlx::query!(
            "update schedules set client_id = $3, site_id = $4, name = $5, kind = $6, script_id = $7, script_version = $8, mandate = $9,
                 mandate_signature = $10, mandate_key_id = $11, status = case when status = 'paused' then 'paused' else 'active' end, status_reason = null,
                 machines_max = null, approved_by = null, approved_at = null, next_at = '-infinity', changed_by = $12, updated_at = $13,
                 enabled_at = case when $14 then $13 else enabled_at end
             where org_id = $2 and id = $1",
            id as _, scope.org_id as _, client as _, site as _, name, kind, script as _, version, signed.text, &signed.signature, signed.key_id,
            scope.user_id as _, now as _, begins_anew,
        )
        .execute(tx)
        .await?
    };
    Ok(result.rows_affected() == 1)
}

/// What is due begins now, in these zones.
pub(super) async fn begin(tx: &mut PgConnection, id: ScheduleId, zones: &[String], now: Time) -> sqlx::Result<()> {
    sqlx::query!("select schedule_begin($1, $2, $3) as done", id as _, zones, now as _).fetch_one(tx).await.map(drop)
}

/// Pauses it, or lets it work again.
pub(super) async fn set_status(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: ScheduleId,
    status: Status,
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update schedules set status = $3, status_reason = null, updated_at = $4, next_at = '-infinity',
             enabled_at = case when $3 = 'active' then $4 else enabled_at end
         where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        status.as_str(),
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Stores that a second person agrees.
pub(super) async fn agree(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: ScheduleId,
    signed: &Signed,
    machines_max: i32,
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update schedules set mandate = $3, mandate_signature = $4, mandate_key_id = $5, machines_max = $6, approved_by = $7, approved_at = $8
         where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        signed.text,
        &signed.signature,
        signed.key_id,
        machines_max,
        scope.user_id as _,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Removes a schedule; says whether there was one.
pub(super) async fn delete(tx: &mut PgConnection, scope: &OrgScope, id: ScheduleId) -> sqlx::Result<bool> {
    let result = sqlx::query!("delete from schedules where org_id = $1 and id = $2", scope.org_id as _, id as _)
        .execute(tx)
        .await?;
    Ok(result.rows_affected() == 1)
}

/// The sites of a place that the transaction sees, with the names of their time zones.
pub(super) async fn site_zones(
    tx: &mut PgConnection,
    scope: &OrgScope,
    place: Place,
) -> sqlx::Result<Vec<(SiteId, String)>> {
    let (client, site) = place.ids();
    let rows = sqlx::query!(
        r#"select s.id as "id: SiteId", coalesce(s.time_zone, o.time_zone) as "time_zone!" from sites s join organisations o on o.id = s.org_id
           where s.org_id = $1 and ($2::uuid is null or s.client_id = $2) and ($3::uuid is null or s.id = $3)"#,
        scope.org_id as _,
        client as _,
        site as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.time_zone)).collect())
}

/// Schedules that may have something to do: those of the clock, or those that machines set off. Organisations take turns.
pub(super) async fn waiting(
    ingest: &mut PgConnection,
    is_clock: bool,
    now: Time,
) -> sqlx::Result<Vec<(ScheduleId, OrgId)>> {
    let rows = sqlx::query!(
        r#"select id as "id!: ScheduleId", org_id as "org_id!: OrgId" from schedules_waiting($1, $2, 1000)"#,
        is_clock,
        now as _
    )
    .fetch_all(ingest)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.org_id)).collect())
}

/// A mandate as it is stored, and what whoever gave it may do now.
pub(super) struct Stored {
    pub(super) name: String,
    pub(super) signed: Signed,
    pub(super) changed_by: UserId,
    pub(super) enabled_at: Time,
    pub(super) grants: Vec<StoredGrant>,
    pub(super) approved_by: Option<UserId>,
    pub(super) approved_grants: Vec<StoredGrant>,
    pub(super) row_version: String,
}

/// The mandate of a schedule that is active.
pub(super) async fn work(tx: &mut PgConnection, id: ScheduleId) -> sqlx::Result<Option<Stored>> {
    let row = sqlx::query!(
        r#"select name as "name!", mandate as "mandate!", signature as "signature!", key_id as "key_id!", changed_by as "changed_by!: UserId",
                  enabled_at as "enabled_at!: Time", grants as "grants!: Json<Vec<StoredGrant>>",
                  approved_by as "approved_by: UserId", approved_grants as "approved_grants: Json<Vec<StoredGrant>>",
                  row_version as "row_version!"
           from schedule_work($1)"#,
        id as _,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Stored {
        name: row.name,
        signed: Signed { text: row.mandate, signature: row.signature, key_id: row.key_id },
        changed_by: row.changed_by,
        enabled_at: row.enabled_at,
        grants: row.grants.0,
        approved_by: row.approved_by,
        approved_grants: row.approved_grants.map(|grants| grants.0).unwrap_or_default(),
        row_version: row.row_version,
    }))
}

/// The last times that were due, by the names of these time zones: `now` for one that is new. Others are forgotten.
pub(super) async fn zones_now(
    tx: &mut PgConnection,
    id: ScheduleId,
    zones: &[String],
    now: Time,
) -> sqlx::Result<HashMap<String, Time>> {
    let rows = sqlx::query!(
        r#"select time_zone as "time_zone!", last_due_at as "last_due_at!: Time" from schedule_zones_now($1, $2, $3)"#,
        id as _,
        zones,
        now as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.time_zone, row.last_due_at)).collect())
}

/// Keeps a schedule for this transaction; false when it is not the one any more that was read.
pub(super) async fn hold(tx: &mut PgConnection, id: ScheduleId, row_version: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select schedule_hold($1, $2) as "is!""#, id as _, row_version).fetch_one(tx).await
}

/// Takes a time that is due; false when another server was faster.
pub(super) async fn zone_claim(tx: &mut PgConnection, id: ScheduleId, zone: &str, due: Time) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select schedule_zone_claim($1, $2, $3) as "is!""#, id as _, zone, due as _)
        .fetch_one(tx)
        .await
}

/// It was looked at: when it is next, and what came of a time that was due.
pub(super) async fn looked_at(
    tx: &mut PgConnection,
    (id, row_version): (ScheduleId, &str),
    (now, next_at): (Time, Option<Time>),
    came: Option<(Time, &str, Option<&str>)>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "select schedule_looked_at($1, $2, $3, $4, $5, $6, $7) as done",
        id as _,
        row_version,
        now as _,
        next_at as _,
        came.map(|came| came.0) as _,
        came.map(|came| came.1),
        came.and_then(|came| came.2),
    )
    .fetch_one(tx)
    .await
    .map(drop)
}

/// A schedule that was suspended.
pub(super) struct Suspended {
    pub(super) name: String,
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
}

/// It does nothing any more, if it is still the one that was read; which it is then.
pub(super) async fn suspend(
    tx: &mut PgConnection,
    (id, row_version): (ScheduleId, &str),
    reason: &str,
    now: Time,
) -> sqlx::Result<Option<Suspended>> {
    sqlx::query_as!(
        Suspended,
        r#"select name as "name!", client_id as "client_id: ClientId", site_id as "site_id: SiteId" from schedule_suspend($1, $2, $3, $4)"#,
        id as _,
        row_version,
        reason,
        now as _,
    )
    .fetch_optional(tx)
    .await
}

/// A machine that has not had its run, and for which day.
pub(super) struct Candidate {
    pub(super) agent_id: AgentId,
    pub(super) day: String,
}

/// Machines that have enrolled since and had no run.
pub(super) async fn enrolled(
    tx: &mut PgConnection,
    id: ScheduleId,
    since: Time,
    max: i32,
) -> sqlx::Result<Vec<Candidate>> {
    sqlx::query_as!(
        Candidate,
        r#"select agent_id as "agent_id!: AgentId", day::text as "day!" from schedule_enrolled($1, $2, $3)"#,
        id as _,
        since as _,
        max,
    )
    .fetch_all(tx)
    .await
}

/// Machines of these sites that are there and had no run on the site's day.
pub(super) async fn contacts(
    tx: &mut PgConnection,
    id: ScheduleId,
    (sites, days): (&[Uuid], &[String]),
    max: i32,
) -> sqlx::Result<Vec<Candidate>> {
    sqlx::query_as!(
        Candidate,
        r#"select agent_id as "agent_id!: AgentId", day::text as "day!" from schedule_contacts($1, $2, $3::text[]::date[], $4)"#,
        id as _,
        sites,
        days,
        max,
    )
    .fetch_all(tx)
    .await
}

/// Takes machines whose turn it is: those with which no other server was faster.
pub(super) async fn claim(tx: &mut PgConnection, id: ScheduleId, machines: &[Candidate]) -> sqlx::Result<Vec<AgentId>> {
    let ids: Vec<Uuid> = machines.iter().map(|machine| machine.agent_id.as_uuid()).collect();
    let days: Vec<String> = machines.iter().map(|machine| machine.day.clone()).collect();
    sqlx::query_scalar!(
        r#"select agent_id as "id!: AgentId" from schedule_claim($1, $2, $3::text[]::date[])"#,
        id as _,
        &ids,
        &days,
    )
    .fetch_all(tx)
    .await
}

/// Forgets machines' runs of days that are over everywhere.
pub(super) async fn purge_marks(ingest: &mut PgConnection, now: Time) -> sqlx::Result<()> {
    sqlx::query!("select schedule_marks_purge($1) as done", now as _).fetch_one(ingest).await.map(drop)
}
