//! SQL of the table `saved_views`. Owners' names are read from `users` and memberships are held (users).

use gururmm_ids::SavedViewId;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::model::{Columns, SavedView, Search};
use crate::platform::auth::OrgScope;
use crate::platform::time::Time;

/// The caller's views and those that are shared, by name, or the one of this id.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: Option<SavedViewId>,
) -> sqlx::Result<Vec<SavedView>> {
    let rows = sqlx::query!(
        r#"select v.id as "id: SavedViewId", v.name, v.is_shared, v.user_id = $3 as "is_own!", u.name as owner_name,
                  v.search as "search: Json<Search>", v.columns as "columns: Json<Columns>", v.created_at, v.updated_at
           from saved_views v join users u on u.id = v.user_id
           where v.org_id = $1 and ($2::uuid is null or v.id = $2) and (v.is_shared or v.user_id = $3)
           order by lower(v.name), v.id limit 1000"#,
        scope.org_id as _,
        id as _,
        scope.user_id as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| SavedView {
            id: row.id,
            name: row.name,
            is_shared: row.is_shared,
            is_own: row.is_own,
            owner_name: row.owner_name,
            search: row.search.0,
            columns: row.columns.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
        .collect())
}

/// One view that the caller sees.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: SavedViewId) -> sqlx::Result<Option<SavedView>> {
    Ok(list(tx, scope, Some(id)).await?.pop())
}

/// How many views the caller has. They save no other one before this transaction ends.
pub(super) async fn count_own(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "select user_id from memberships where org_id = $1 and user_id = $2 for no key update",
        scope.org_id as _,
        scope.user_id as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from saved_views where org_id = $1 and user_id = $2"#,
        scope.org_id as _,
        scope.user_id as _,
    )
    .fetch_one(tx)
    .await
}

/// Keeps a view as it is until the end of the transaction.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope, id: SavedViewId) -> sqlx::Result<()> {
    sqlx::query!(
        "select id from saved_views where org_id = $1 and id = $2 for no key update",
        scope.org_id as _,
        id as _
    )
    .fetch_optional(tx)
    .await
    .map(drop)
}

/// A view as it is to be.
pub(super) struct Wished<'a> {
    pub(super) name: &'a str,
    pub(super) is_shared: bool,
    pub(super) search: &'a Search,
    pub(super) columns: &'a Columns,
}

/// Adds a view of the caller's.
pub(super) async fn insert(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SavedViewId,
    view: &Wished<'_>,
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into saved_views (id, org_id, user_id, name, is_shared, search, columns, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        id as _,
        scope.org_id as _,
        scope.user_id as _,
        view.name,
        view.is_shared,
        Json(view.search) as _,
        Json(view.columns) as _,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Makes a view what is wished.
pub(super) async fn update(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SavedViewId,
    view: &Wished<'_>,
    now: Time,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update saved_views set name = $3, is_shared = $4, search = $5, columns = $6, updated_at = $7 where org_id = $1 and id = $2",
        scope.org_id as _,
        id as _,
        view.name,
        view.is_shared,
        Json(view.search) as _,
        Json(view.columns) as _,
        now as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Removes a view; says whether there was one.
pub(super) async fn delete(tx: &mut PgConnection, scope: &OrgScope, id: SavedViewId) -> sqlx::Result<bool> {
    let result = sqlx::query!("delete from saved_views where org_id = $1 and id = $2", scope.org_id as _, id as _)
        .execute(tx)
        .await?;
    Ok(result.rows_affected() == 1)
}
