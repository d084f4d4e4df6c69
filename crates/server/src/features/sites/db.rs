//! SQL of the table `sites`. Names of clients are read from `clients` (clients), counts from `agents` and `agent_presence`
//! (agents).

use gururmm_ids::{ClientId, SiteId};
use jiff::Timestamp;
use sqlx::PgConnection;

use super::model::Site;
use crate::platform::auth::OrgScope;
use crate::platform::http::{Cursor, Patch};
use crate::platform::time::Time;

/// The client a site belongs to; nothing when there is no such site.
pub async fn client_of(tx: &mut PgConnection, scope: &OrgScope, id: SiteId) -> sqlx::Result<Option<ClientId>> {
    sqlx::query_scalar!(
        r#"select client_id as "client_id: ClientId" from sites where org_id = $1 and id = $2"#,
        scope.org_id as _,
        id as _,
    )
    .fetch_optional(tx)
    .await
}

/// Whether machines of a site are removed by themselves when they stay away.
pub async fn removes_idle(tx: &mut PgConnection, scope: &OrgScope, id: SiteId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from sites where org_id = $1 and id = $2 and remove_after_days is not null) as "removes!""#,
        scope.org_id as _,
        id as _,
    )
    .fetch_one(tx)
    .await
}

/// One site.
pub async fn find(tx: &mut PgConnection, scope: &OrgScope, id: SiteId) -> sqlx::Result<Option<Site>> {
    sqlx::query_as!(
        Site,
        r#"select s.id as "id: SiteId", s.client_id as "client_id: ClientId", c.name as client_name, s.name, s.remove_after_days, s.time_zone, s.created_at, s.updated_at,
                  lower(s.name) as "sort_name!",
                  (select count(*) from agents a where a.site_id = s.id) as "agent_count!",
                  (select count(*) from agents a join agent_presence p on p.agent_id = a.id
                       where a.site_id = s.id and p.status = 'online') as "online_count!"
           from sites s join clients c on c.id = s.client_id where s.org_id = $1 and s.id = $2"#,
        scope.org_id as _,
        id as _,
    )
    .fetch_optional(tx)
    .await
}

/// Keeps a site as it is until the end of the transaction: what is read of it is what will be changed.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: SiteId) -> sqlx::Result<()> {
    sqlx::query!("select id from sites where org_id = $1 and id = $2 for no key update", scope.org_id as _, id as _)
        .fetch_optional(tx)
        .await
        .map(drop)
}

/// Which sites are wanted.
pub(super) struct Filter<'a> {
    pub(super) client_id: Option<ClientId>,
    pub(super) search: Option<&'a str>,
}

/// Sites by name, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter<'_>,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Site>> {
    sqlx::query_as!(
        Site,
        r#"select s.id as "id: SiteId", s.client_id as "client_id: ClientId", c.name as client_name, s.name, s.remove_after_days, s.time_zone, s.created_at, s.updated_at,
                  lower(s.name) as "sort_name!",
                  (select count(*) from agents a where a.site_id = s.id) as "agent_count!",
                  (select count(*) from agents a join agent_presence p on p.agent_id = a.id
                       where a.site_id = s.id and p.status = 'online') as "online_count!"
           from sites s join clients c on c.id = s.client_id
           where s.org_id = $1 and ($2::uuid is null or s.client_id = $2)
             and ($3::text is null or position(lower($3) in lower(s.name)) > 0)
             and ($4::text is null or (lower(s.name), s.id) > ($4, $5::uuid))
           order by lower(s.name), s.id limit $6"#,
        scope.org_id as _,
        filter.client_id as _,
        filter.search,
        after.and_then(|cursor| cursor.value.as_deref()),
        after.map(|cursor| cursor.id),
        i64::from(limit) + 1,
    )
    .fetch_all(tx)
    .await
}

/// Adds a site.
pub(super) async fn insert(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SiteId,
    client_id: ClientId,
    (name, time_zone): (&str, Option<&str>),
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sites (id, org_id, client_id, name, created_at, updated_at, time_zone) values ($1, $2, $3, $4, $5, $5, $6)",
        id as _,
        scope.org_id as _,
        client_id as _,
        name,
        Time(now) as _,
        time_zone,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Changes what is given; says whether there was such a site.
pub async fn update(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SiteId,
    name: Option<&str>,
    (remove_after_days, time_zone): (Patch<i32>, Patch<String>),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let (changes_days, remove_after_days) = remove_after_days.into_change();
    let (changes_zone, time_zone) = time_zone.into_change();
    let result = sqlx::query!(
        "update sites set name = coalesce($3, name), updated_at = $4, remove_after_days = case when $5 then $6 else remove_after_days end,
                          time_zone = case when $7 then $8 else time_zone end
         where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        name,
        Time(now) as _,
        changes_days,
        remove_after_days,
        changes_zone,
        time_zone,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Removes a site and its keys; says whether there was one.
pub(super) async fn delete(tx: &mut PgConnection, scope: &OrgScope, id: SiteId) -> sqlx::Result<bool> {
    let result =
        sqlx::query!("delete from sites where org_id = $1 and id = $2", scope.org_id as _, id as _).execute(tx).await?;
    Ok(result.rows_affected() == 1)
}
