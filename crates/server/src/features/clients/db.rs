//! SQL of the table `clients`. Counts are read from `sites` (sites), `agents` and `agent_presence` (agents).

use gururmm_ids::ClientId;
use jiff::Timestamp;
use sqlx::PgConnection;

use super::model::{Client, ClientKind};
use crate::platform::auth::OrgScope;
use crate::platform::http::Cursor;
use crate::platform::time::Time;

/// One client.
pub async fn find(tx: &mut PgConnection, scope: &OrgScope, id: ClientId) -> sqlx::Result<Option<Client>> {
    sqlx::query_as!(
        Client,
        r#"select c.id as "id: ClientId", c.name, c.kind, c.created_at, c.updated_at, lower(c.name) as "sort_name!",
                  (select count(*) from sites s where s.client_id = c.id) as "site_count!",
                  (select count(*) from agents a where a.client_id = c.id) as "agent_count!",
                  (select count(*) from agents a join agent_presence p on p.agent_id = a.id
                       where a.client_id = c.id and p.status = 'online') as "online_count!"
           from clients c where c.org_id = $1 and c.id = $2"#,
        scope.org_id as _,
        id as _,
    )
    .fetch_optional(tx)
    .await
}

/// Whether there is such a client.
pub async fn exists(tx: &mut PgConnection, scope: &OrgScope, id: ClientId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from clients where org_id = $1 and id = $2) as "exists!""#,
        scope.org_id as _,
        id as _,
    )
    .fetch_one(tx)
    .await
}

/// Keeps a client as it is until the end of the transaction: what is read of it is what will be changed.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: ClientId) -> sqlx::Result<()> {
    sqlx::query!("select id from clients where org_id = $1 and id = $2 for no key update", scope.org_id as _, id as _)
        .fetch_optional(tx)
        .await
        .map(drop)
}

/// Clients by name, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    search: Option<&str>,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Client>> {
    sqlx::query_as!(
        Client,
        r#"select c.id as "id: ClientId", c.name, c.kind, c.created_at, c.updated_at, lower(c.name) as "sort_name!",
                  (select count(*) from sites s where s.client_id = c.id) as "site_count!",
                  (select count(*) from agents a where a.client_id = c.id) as "agent_count!",
                  (select count(*) from agents a join agent_presence p on p.agent_id = a.id
                       where a.client_id = c.id and p.status = 'online') as "online_count!"
           from clients c
           where c.org_id = $1 and ($2::text is null or position(lower($2) in lower(c.name)) > 0)
             and ($3::text is null or (lower(c.name), c.id) > ($3, $4::uuid))
           order by lower(c.name), c.id limit $5"#,
        scope.org_id as _,
        search,
        after.and_then(|cursor| cursor.value.as_deref()),
        after.map(|cursor| cursor.id),
        i64::from(limit) + 1,
    )
    .fetch_all(tx)
    .await
}

/// Adds a client.
pub(super) async fn insert(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: ClientId,
    name: &str,
    kind: ClientKind,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into clients (id, org_id, name, kind, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
        id as _,
        scope.org_id as _,
        name,
        kind.as_str(),
        Time(now) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Changes what is given; says whether there was such a client.
pub async fn update(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: ClientId,
    name: Option<&str>,
    kind: Option<ClientKind>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let result = sqlx::query!(
        "update clients set name = coalesce($3, name), kind = coalesce($4, kind), updated_at = $5 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        name,
        kind.map(ClientKind::as_str),
        Time(now) as _,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Removes a client; says whether there was one.
pub(super) async fn delete(tx: &mut PgConnection, scope: &OrgScope, id: ClientId) -> sqlx::Result<bool> {
    let result = sqlx::query!("delete from clients where org_id = $1 and id = $2", scope.org_id as _, id as _)
        .execute(tx)
        .await?;
    Ok(result.rows_affected() == 1)
}
