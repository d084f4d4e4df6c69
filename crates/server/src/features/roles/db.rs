//! SQL of the table `roles`. Who has a role is read from `grants` (users).

use std::collections::HashMap;

use gururmm_ids::RoleId;
use sqlx::PgConnection;

use super::model::Role;
use crate::platform::auth::role::BuiltInRole;
use crate::platform::auth::{OrgScope, Permission, PermissionSet};
use crate::platform::time::Time;

/// Most roles that an organisation makes: the list is shown whole.
pub(super) const ROLES_MAX: i64 = 200;

/// What a role of the organisation's own names; nothing when there is no such role.
pub async fn permissions_of(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: RoleId,
) -> sqlx::Result<Option<PermissionSet>> {
    Ok(find(tx, scope, id).await?.map(|role| role.named()))
}

/// The organisation's own roles by name, or the one of this id.
pub(super) async fn list(tx: &mut PgConnection, scope: &OrgScope, id: Option<RoleId>) -> sqlx::Result<Vec<Role>> {
    let rows = sqlx::query!(
        r#"select r.id as "id: RoleId", r.name, r.description, r.permissions, r.created_at as "created_at: Time",
                  r.updated_at as "updated_at: Time",
                  (select count(distinct g.user_id) from grants g where g.org_id = r.org_id and g.role_id = r.id) as "user_count!"
           from roles r where r.org_id = $1 and ($2::uuid is null or r.id = $2) order by lower(r.name), r.id"#,
        scope.org_id as _,
        id as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Role {
            id: Some(row.id),
            built_in: None,
            name: row.name,
            description: row.description,
            permissions: row.permissions.iter().filter_map(|name| Permission::named(name)).collect(),
            user_count: row.user_count,
            created_at: Some(row.created_at),
            updated_at: Some(row.updated_at),
        })
        .collect())
}

/// One of the organisation's own roles.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: RoleId) -> sqlx::Result<Option<Role>> {
    Ok(list(tx, scope, Some(id)).await?.pop())
}

/// The built-in roles, with how many people have each.
pub(super) async fn built_in(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Vec<Role>> {
    let rows = sqlx::query!(
        r#"select built_in as "built_in!", count(distinct user_id) as "user_count!" from grants
           where org_id = $1 and built_in is not null group by built_in"#,
        scope.org_id as _,
    )
    .fetch_all(tx)
    .await?;
    let counts: HashMap<_, _> = rows.into_iter().map(|row| (row.built_in, row.user_count)).collect();
    let count = |role: &BuiltInRole| counts.get(role.as_str()).copied().unwrap_or(0);
    Ok(BuiltInRole::ALL.iter().map(|role| Role::of_all(*role, count(role))).collect())
}

/// How many roles the organisation has made.
pub(super) async fn count(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from roles where org_id = $1"#, scope.org_id as _)
        .fetch_one(tx)
        .await
}

/// A role as it is to be.
pub(super) struct Wished<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) permissions: PermissionSet,
}

/// Adds a role.
pub(super) async fn insert(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: RoleId,
    role: &Wished<'_>,
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into roles (id, org_id, name, description, permissions, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $6)",
        id as _,
        scope.org_id as _,
        role.name,
        role.description,
        &names(role.permissions),
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Keeps a role as it is until the end of the transaction: what is read of it is what will be changed.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: RoleId) -> sqlx::Result<()> {
    let lock = "select id from roles where org_id = $1 and id = $2 for no key update";
    sqlx::query(lock).bind(scope.org_id).bind(id).fetch_optional(tx).await.map(drop)
}

/// Makes a role what is wished.
pub(super) async fn update(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: RoleId,
    role: &Wished<'_>,
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update roles set name = $3, description = $4, permissions = $5, updated_at = $6 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        role.name,
        role.description,
        &names(role.permissions),
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Removes a role; says whether there was one.
pub(super) async fn delete(tx: &mut PgConnection, scope: &OrgScope, id: RoleId) -> sqlx::Result<bool> {
    let result =
        sqlx::query!("delete from roles where org_id = $1 and id = $2", scope.org_id as _, id as _).execute(tx).await?;
    Ok(result.rows_affected() == 1)
}

fn names(permissions: PermissionSet) -> Vec<String> {
    permissions.iter().map(|permission| permission.as_str().to_owned()).collect()
}
