//! SQL of the table `invitations`. Who belongs to the organisation already is read from `memberships` and `users`, names from `roles`,
//! `clients`, `sites` and `users`.

use gururmm_ids::InvitationId;
use jiff::Timestamp;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::model::{InvitedGrant, Row};
use crate::features::users::Wish;
use crate::platform::auth::OrgScope;
use crate::platform::http::Cursor;
use crate::platform::time::Time;

/// Invitations, the newest first, from the cursor on, or the one of this id; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: Option<InvitationId>,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::query!(
        r#"select i.id as "id: InvitationId", i.email, u.name as "invited_by_name?", i.created_at as "created_at: Time",
                  i.expires_at as "expires_at: Time", i.accepted_at as "accepted_at: Time", i.revoked_at as "revoked_at: Time",
                  (select coalesce(jsonb_agg(jsonb_build_object('built_in', g.built_in, 'role_id', g.role_id, 'role_name', r.name,
                              'client_id', g.client_id, 'client_name', c.name, 'site_id', g.site_id, 'site_name', s.name)), '[]')
                       from jsonb_to_recordset(i.grants) as g (built_in text, role_id uuid, client_id uuid, site_id uuid)
                           left join roles r on r.id = g.role_id left join clients c on c.id = g.client_id
                           left join sites s on s.id = g.site_id) as "grants!: Json<Vec<InvitedGrant>>"
           from invitations i left join users u on u.id = i.invited_by
           where i.org_id = $1 and ($2::uuid is null or i.id = $2) and ($3::uuid is null or i.id < $3) order by i.id desc limit $4"#,
        scope.org_id as _,
        id as _,
        after.map(|cursor| cursor.id),
        i64::from(limit) + 1,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Row {
            id: row.id,
            email: row.email,
            grants: row.grants.0,
            invited_by_name: row.invited_by_name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
            revoked_at: row.revoked_at,
        })
        .collect())
}

/// One invitation.
pub(super) async fn find(tx: &mut PgConnection, scope: &OrgScope, id: InvitationId) -> sqlx::Result<Option<Row>> {
    Ok(list(tx, scope, Some(id), None, 1).await?.pop())
}

/// Whether somebody of this address belongs to the organisation, suspended or not.
pub(super) async fn is_member(tx: &mut PgConnection, scope: &OrgScope, email: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(select from memberships m join users u on u.id = m.user_id
                             where m.org_id = $1 and m.status <> 'removed' and lower(u.email) = lower($2)) as "is!""#,
        scope.org_id as _,
        email,
    )
    .fetch_one(tx)
    .await
}

/// How many invitations are open.
pub(super) async fn count_open(tx: &mut PgConnection, scope: &OrgScope, now: Timestamp) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from invitations
           where org_id = $1 and accepted_at is null and revoked_at is null and expires_at > $2"#,
        scope.org_id as _,
        Time(now) as _,
    )
    .fetch_one(tx)
    .await
}

/// An invitation to be.
pub(super) struct New<'a> {
    pub(super) id: InvitationId,
    pub(super) email: &'a str,
    pub(super) token_hash: [u8; 32],
    pub(super) grants: &'a [Wish],
    pub(super) created_at: Time,
    pub(super) expires_at: Time,
}

/// Adds an invitation; those of the same address whose time is over make room.
pub(super) async fn insert(tx: &mut PgConnection, scope: &OrgScope, new: &New<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "update invitations set revoked_at = $3
         where org_id = $1 and lower(email) = lower($2) and accepted_at is null and revoked_at is null and expires_at <= $3",
        scope.org_id as _,
        new.email,
        new.created_at as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into invitations (id, org_id, email, token_hash, grants, invited_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id as _,
        scope.org_id as _,
        new.email,
        &new.token_hash[..],
        Json(new.grants) as _,
        scope.user_id as _,
        new.created_at as _,
        new.expires_at as _,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Takes an invitation back; says whether its link might still have worked.
pub(super) async fn revoke(tx: &mut PgConnection, scope: &OrgScope, id: InvitationId, now: Time) -> sqlx::Result<bool> {
    let result = sqlx::query!(
        "update invitations set revoked_at = $3 where org_id = $1 and id = $2 and accepted_at is null and revoked_at is null",
        scope.org_id as _,
        id as _,
        now as _,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected() == 1)
}
