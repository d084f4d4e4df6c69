//! SQL of the table `site_keys`. Names are read from `sites` (sites), `clients` (clients) and `users` (auth).

use gururmm_ids::{ClientId, SiteId, SiteKeyId};
use jiff::Timestamp;
use sqlx::PgConnection;

use super::model::Row;
use crate::platform::auth::OrgScope;
use crate::platform::http::Cursor;
use crate::platform::time::Time;

/// One key.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: SiteKeyId) -> sqlx::Result<Option<Row>> {
    sqlx::query_as!(
        Row,
        r#"select k.id as "id: SiteKeyId", k.client_id as "client_id: ClientId", k.site_id as "site_id: SiteId", s.name as site_name,
                  c.name as client_name, k.name, k.prefix, k.max_uses, k.use_count, k.expires_at, k.needs_approval,
                  k.refused_count, k.refused_at, k.last_used_at, k.created_at,
                  u.name as "created_by_name?", k.revoked_at
           from site_keys k join sites s on s.id = k.site_id join clients c on c.id = k.client_id left join users u on u.id = k.created_by
           where k.org_id = $1 and k.id = $2"#,
        scope.org_id as _,
        id as _,
    )
    .fetch_optional(tx)
    .await
}

/// The names of a site's keys that have not been revoked: they end with the site.
pub async fn names_of(tx: &mut PgConnection, scope: &OrgScope, site_id: SiteId) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        "select name from site_keys where org_id = $1 and site_id = $2 and revoked_at is null order by id",
        scope.org_id as _,
        site_id as _,
    )
    .fetch_all(tx)
    .await
}

/// Which keys are wanted.
pub(super) struct Filter {
    pub(super) site_id: Option<SiteId>,
    pub(super) client_id: Option<ClientId>,
}

/// Keys, the newest first, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select k.id as "id: SiteKeyId", k.client_id as "client_id: ClientId", k.site_id as "site_id: SiteId", s.name as site_name,
                  c.name as client_name, k.name, k.prefix, k.max_uses, k.use_count, k.expires_at, k.needs_approval,
                  k.refused_count, k.refused_at, k.last_used_at, k.created_at,
                  u.name as "created_by_name?", k.revoked_at
           from site_keys k join sites s on s.id = k.site_id join clients c on c.id = k.client_id left join users u on u.id = k.created_by
           where k.org_id = $1 and ($2::uuid is null or k.site_id = $2) and ($3::uuid is null or k.client_id = $3)
             and ($4::uuid is null or k.id < $4)
           order by k.id desc limit $5"#,
        scope.org_id as _,
        filter.site_id as _,
        filter.client_id as _,
        after.map(|cursor| cursor.id),
        i64::from(limit) + 1,
    )
    .fetch_all(tx)
    .await
}

/// A key to be.
pub(super) struct New<'a> {
    pub(super) id: SiteKeyId,
    pub(super) client_id: ClientId,
    pub(super) site_id: SiteId,
    pub(super) name: &'a str,
    pub(super) prefix: &'a str,
    pub(super) hash: [u8; 32],
    pub(super) max_uses: Option<i32>,
    pub(super) expires_at: Option<Time>,
    pub(super) needs_approval: bool,
}

/// Adds a key.
pub(super) async fn insert(tx: &mut PgConnection, scope: &OrgScope, key: &New<'_>, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into site_keys (id, org_id, client_id, site_id, name, prefix, key_hash, max_uses, created_by, created_at, expires_at, needs_approval)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        key.id as _,
        scope.org_id as _,
        key.client_id as _,
        key.site_id as _,
        key.name,
        key.prefix,
        &key.hash[..],
        key.max_uses,
        scope.user_id as _,
        Time(now) as _,
        key.expires_at as _,
        key.needs_approval,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps a key as it is until the end of the transaction: what is read of it is what will be changed.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: SiteKeyId) -> sqlx::Result<()> {
    sqlx::query!("select id from site_keys where org_id = $1 and id = $2 for no key update", scope.org_id as _, id as _)
        .fetch_optional(tx)
        .await
        .map(drop)
}

/// What a key is to be.
pub(super) struct Wished<'a> {
    pub(super) name: &'a str,
    pub(super) max_uses: Option<i32>,
    pub(super) expires_at: Option<Time>,
    pub(super) needs_approval: bool,
}

/// Makes a key what is wished.
pub(super) async fn update(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SiteKeyId,
    wished: &Wished<'_>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update site_keys set name = $3, max_uses = $4, expires_at = $5, needs_approval = $6 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        wished.name,
        wished.max_uses,
        wished.expires_at as _,
        wished.needs_approval,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Gives a key another text: from now on only that lets machines in.
pub(super) async fn replace(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SiteKeyId,
    prefix: &str,
    hash: [u8; 32],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update site_keys set prefix = $3, key_hash = $4 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        prefix,
        &hash[..],
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Ends a key; says whether it had not been revoked before.
pub(super) async fn revoke(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SiteKeyId,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let result = sqlx::query!(
        "update site_keys set revoked_at = $3 where org_id = $1 and id = $2 and revoked_at is null",
        scope.org_id as _,
        id as _,
        Time(now) as _,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected() == 1)
}
