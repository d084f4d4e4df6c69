//! SQL of the table `api_keys`. Names of their makers are read from `users` (auth).

use gururmm_ids::{ApiKeyId, ClientId, SiteId, UserId};
use ipnet::IpNet;
use jiff::Timestamp;
use sqlx::PgConnection;

use super::model::ApiKey;
use crate::platform::auth::{OrgScope, Permission, PermissionSet};
use crate::platform::http::Cursor;
use crate::platform::time::Time;

/// Which keys are wanted.
#[derive(Default)]
pub(super) struct Filter {
    pub(super) id: Option<ApiKeyId>,
    pub(super) user_id: Option<UserId>,
}

/// Keys, the newest first, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter,
    now: Timestamp,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<ApiKey>> {
    let rows = sqlx::query!(
        r#"select k.id as "id: ApiKeyId", k.user_id as "user_id: UserId", u.name as user_name, k.name, k.prefix, k.permissions,
                  k.client_ids as "client_ids: Vec<ClientId>", k.site_ids as "site_ids: Vec<SiteId>", k.networks::text[] as "networks!",
                  k.created_at as "created_at: Time", k.expires_at as "expires_at: Time", k.last_used_at as "last_used_at: Time",
                  host(k.last_used_ip) as last_used_ip, k.revoked_at as "revoked_at: Time"
           from api_keys k join users u on u.id = k.user_id
           where k.org_id = $1 and ($2::uuid is null or k.id = $2) and ($3::uuid is null or k.user_id = $3)
             and ($4::uuid is null or k.id < $4) order by k.id desc limit $5"#,
        scope.org_id as _,
        filter.id as _,
        filter.user_id as _,
        after.map(|cursor| cursor.id),
        i64::from(limit) + 1,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ApiKey {
            state: ApiKey::state_at(row.revoked_at, row.expires_at, now),
            id: row.id,
            user_id: row.user_id,
            user_name: row.user_name,
            name: row.name,
            prefix: row.prefix,
            permissions: row.permissions.iter().filter_map(|name| Permission::named(name)).collect(),
            client_ids: row.client_ids,
            site_ids: row.site_ids,
            networks: row.networks,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            last_used_ip: row.last_used_ip,
            revoked_at: row.revoked_at,
        })
        .collect())
}

/// One key.
pub(super) async fn find(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: ApiKeyId,
    now: Timestamp,
) -> sqlx::Result<Option<ApiKey>> {
    Ok(list(tx, scope, &Filter { id: Some(id), user_id: None }, now, None, 1).await?.pop())
}

/// How many keys of the scope's person work.
pub(super) async fn count_open(tx: &mut PgConnection, scope: &OrgScope, now: Timestamp) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from api_keys where org_id = $1 and user_id = $2 and revoked_at is null and expires_at > $3"#,
        scope.org_id as _,
        scope.user_id as _,
        Time(now) as _,
    )
    .fetch_one(tx)
    .await
}

/// A key to be.
pub(super) struct New<'a> {
    pub(super) id: ApiKeyId,
    pub(super) name: &'a str,
    pub(super) prefix: &'a str,
    pub(super) hash: [u8; 32],
    pub(super) permissions: PermissionSet,
    pub(super) client_ids: &'a [ClientId],
    pub(super) site_ids: &'a [SiteId],
    pub(super) networks: &'a [IpNet],
    pub(super) created_at: Time,
    pub(super) expires_at: Time,
}

/// Adds a key of the scope's person.
pub(super) async fn insert(tx: &mut PgConnection, scope: &OrgScope, key: &New<'_>) -> sqlx::Result<()> {
    let permissions: Vec<_> = key.permissions.iter().map(|permission| permission.as_str().to_owned()).collect();
    let clients: Vec<_> = key.client_ids.iter().map(|id| id.as_uuid()).collect();
    let sites: Vec<_> = key.site_ids.iter().map(|id| id.as_uuid()).collect();
    let networks: Vec<_> = key.networks.iter().map(ToString::to_string).collect();
    sqlx::query!(
        "insert into api_keys (id, org_id, user_id, name, prefix, key_hash, permissions, client_ids, site_ids, networks, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text[]::cidr[], $11, $12)",
        key.id as _,
        scope.org_id as _,
        scope.user_id as _,
        key.name,
        key.prefix,
        &key.hash[..],
        &permissions,
        &clients,
        &sites,
        &networks,
        key.created_at as _,
        key.expires_at as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Ends a key; says whether it had not been revoked before.
pub(super) async fn revoke(tx: &mut PgConnection, scope: &OrgScope, id: ApiKeyId, now: Time) -> sqlx::Result<bool> {
    let result = sqlx::query!(
        "update api_keys set revoked_at = $3 where org_id = $1 and id = $2 and revoked_at is null",
        scope.org_id as _,
        id as _,
        now as _,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected() == 1)
}
