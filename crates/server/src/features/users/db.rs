//! SQL of the tables `memberships` and `grants`. Accounts are read from `users`, sign-ins from `auth_sessions` (both auth), names from
//! `roles` (roles), `clients` (clients) and `sites` (sites).

use gururmm_ids::{ClientId, GrantId, RoleId, SessionId, SiteId, UserId};
use sqlx::PgConnection;

use super::model::{GrantInfo, Member, MemberStatus, OpenSession};
use crate::platform::auth::role::BuiltInRole;
use crate::platform::auth::stored::{GrantEffect, StoredGrant};
use crate::platform::auth::{OrgScope, Permission, Place};
use crate::platform::http::Cursor;
use crate::platform::time::Time;

/// Which people are wanted: one, or those whose name or address contains a text.
#[derive(Default)]
pub(super) struct Filter<'a> {
    pub(super) id: Option<UserId>,
    pub(super) search: Option<&'a str>,
}

/// People of the organisation by name, from the cursor on; one more than `limit`. Who was removed is none of them.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter<'_>,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Member>> {
    let rows = sqlx::query!(
        r#"select u.id as "id: UserId", u.name, u.email, m.status, m.created_at as "created_at: Time", lower(u.name) as "sort_name!",
                  (select max(s.created_at) from auth_sessions s where s.org_id = m.org_id and s.user_id = m.user_id)
                      as "last_login_at?: Time"
           from memberships m join users u on u.id = m.user_id
           where m.org_id = $1 and m.status <> 'removed' and ($2::uuid is null or u.id = $2)
             and ($3::text is null or position(lower($3) in lower(u.name || ' ' || u.email)) > 0)
             and ($4::text is null or (lower(u.name), u.id) > ($4, $5::uuid))
           order by lower(u.name), u.id limit $6"#,
        scope.org_id as _,
        filter.id as _,
        filter.search,
        after.and_then(|cursor| cursor.value.as_deref()),
        after.map(|cursor| cursor.id),
        i64::from(limit) + 1,
    )
    .fetch_all(&mut *tx)
    .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let grants = grants(tx, scope, &ids, None).await?;
    let of = |id: UserId| grants.iter().filter(|grant| grant.user_id == id).cloned().collect();
    Ok(rows
        .into_iter()
        .map(|row| Member {
            grants: of(row.id),
            id: row.id,
            name: row.name,
            email: row.email,
            status: row.status,
            last_login_at: row.last_login_at,
            created_at: row.created_at,
            sort_name: row.sort_name,
        })
        .collect())
}

/// One person of the organisation.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: UserId) -> sqlx::Result<Option<Member>> {
    Ok(list(tx, scope, &Filter { id: Some(id), search: None }, None, 1).await?.pop())
}

/// Keeps a membership as it is until the end of the transaction: what is read of it is what will be changed.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: UserId) -> sqlx::Result<()> {
    let lock = "select user_id from memberships where org_id = $1 and user_id = $2 for no key update";
    sqlx::query(lock).bind(scope.org_id).bind(id).fetch_optional(tx).await.map(drop)
}

/// Grants of these people, or the one of this id, with names.
pub(super) async fn grants(
    tx: &mut PgConnection,
    scope: &OrgScope,
    users: &[UserId],
    id: Option<GrantId>,
) -> sqlx::Result<Vec<GrantInfo>> {
    let users: Vec<_> = users.iter().map(|user| user.as_uuid()).collect();
    let rows = sqlx::query!(
        r#"select g.id as "id: GrantId", g.user_id as "user_id: UserId", g.effect, g.built_in, g.role_id as "role_id: RoleId",
                  r.name as "role_name?", r.permissions as "permissions?", g.client_id as "client_id: ClientId",
                  g.site_id as "site_id: SiteId", c.name as "client_name?", s.name as "site_name?",
                  g.created_at as "created_at: Time", b.name as "created_by_name?"
           from grants g left join roles r on r.id = g.role_id left join clients c on c.id = g.client_id
               left join sites s on s.id = g.site_id left join users b on b.id = g.created_by
           where g.org_id = $1 and (g.user_id = any($2) or g.id = $3) order by g.effect, g.created_at, g.id"#,
        scope.org_id as _,
        &users,
        id as _,
    )
    .fetch_all(tx)
    .await?;
    let permissions = |names: Vec<String>| names.iter().filter_map(|name| Permission::named(name)).collect();
    Ok(rows
        .into_iter()
        .map(|row| GrantInfo {
            grant: StoredGrant {
                id: row.id,
                effect: if row.effect == "deny" { GrantEffect::Deny } else { GrantEffect::Allow },
                built_in: row.built_in.and_then(|name| BuiltInRole::named(&name)),
                role_id: row.role_id,
                role_name: row.role_name,
                permissions: row.permissions.map(permissions),
                client_id: row.client_id,
                site_id: row.site_id,
            }
            .told(),
            client_name: row.client_name,
            site_name: row.site_name,
            created_at: row.created_at,
            created_by_name: row.created_by_name,
            user_id: row.user_id,
        })
        .collect())
}

/// All grants of each person who has a role somewhere.
pub async fn grants_of_holders(
    tx: &mut PgConnection,
    scope: &OrgScope,
    role_id: RoleId,
) -> sqlx::Result<Vec<Vec<StoredGrant>>> {
    let holders = sqlx::query_scalar!(
        r#"select distinct user_id as "user_id: UserId" from grants where org_id = $1 and role_id = $2"#,
        scope.org_id as _,
        role_id as _,
    )
    .fetch_all(&mut *tx)
    .await?;
    let grants = grants(tx, scope, &holders, None).await?;
    let of =
        |holder: &UserId| grants.iter().filter(|info| info.user_id == *holder).map(|info| info.grant.clone()).collect();
    Ok(holders.iter().map(of).collect())
}

/// How many grants somebody has.
pub(super) async fn count_grants(tx: &mut PgConnection, scope: &OrgScope, user_id: UserId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from grants where org_id = $1 and user_id = $2"#,
        scope.org_id as _,
        user_id as _,
    )
    .fetch_one(tx)
    .await
}

/// A grant to be.
pub(super) struct NewGrant {
    pub(super) id: GrantId,
    pub(super) user_id: UserId,
    pub(super) effect: GrantEffect,
    pub(super) built_in: Option<BuiltInRole>,
    pub(super) role_id: Option<RoleId>,
    pub(super) place: Place,
}

/// Adds a grant.
pub(super) async fn insert_grant(
    tx: &mut PgConnection,
    scope: &OrgScope,
    grant: &NewGrant,
    now: Time,
) -> sqlx::Result<()> {
    let (client_id, site_id) = grant.place.ids();
    sqlx::query!(
        "insert into grants (id, org_id, user_id, effect, built_in, role_id, client_id, site_id, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        grant.id as _,
        scope.org_id as _,
        grant.user_id as _,
        grant.effect.as_str(),
        grant.built_in.map(BuiltInRole::as_str),
        grant.role_id as _,
        client_id as _,
        site_id as _,
        scope.user_id as _,
        now as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes a grant away; says whether there was one.
pub(super) async fn delete_grant(tx: &mut PgConnection, scope: &OrgScope, id: GrantId) -> sqlx::Result<bool> {
    let result = sqlx::query!("delete from grants where org_id = $1 and id = $2", scope.org_id as _, id as _)
        .execute(tx)
        .await?;
    Ok(result.rows_affected() == 1)
}

/// Takes every grant of somebody away.
pub(super) async fn delete_grants(tx: &mut PgConnection, scope: &OrgScope, user_id: UserId) -> sqlx::Result<()> {
    sqlx::query!("delete from grants where org_id = $1 and user_id = $2", scope.org_id as _, user_id as _)
        .execute(tx)
        .await
        .map(drop)
}

/// Whether somebody belongs to the organisation from now on.
pub(super) async fn set_status(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: UserId,
    status: MemberStatus,
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update memberships set status = $3, updated_at = $4 where org_id = $1 and user_id = $2",
        scope.org_id as _,
        id as _,
        status.as_str(),
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Where somebody is signed in, the newest first.
pub(super) async fn sessions(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: UserId,
    now: Time,
) -> sqlx::Result<Vec<OpenSession>> {
    sqlx::query_as!(
        OpenSession,
        r#"select id as "id: SessionId", created_at as "created_at: Time", expires_at as "expires_at: Time", host(ip) as ip, user_agent
           from auth_sessions where org_id = $1 and user_id = $2 and revoked_at is null and expires_at > $3 order by id desc limit 200"#,
        scope.org_id as _,
        id as _,
        now as _,
    )
    .fetch_all(tx)
    .await
}

/// Ends every session that somebody has in the organisation; says how many there were.
pub(super) async fn end_sessions(tx: &mut PgConnection, scope: &OrgScope, id: UserId, now: Time) -> sqlx::Result<u64> {
    let result = sqlx::query!(
        "update auth_sessions set revoked_at = $3 where org_id = $1 and user_id = $2 and revoked_at is null and expires_at > $3",
        scope.org_id as _,
        id as _,
        now as _,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected())
}
