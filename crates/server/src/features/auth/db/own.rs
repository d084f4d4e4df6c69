//! What people change of their own account: by functions that take their session, because an account belongs to no organisation.

use gururmm_ids::{OrgId, SessionId};
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::OrganisationOption;
use crate::platform::auth::token::Claimed;
use crate::platform::time::Time;

/// The organisations of a person.
pub(in crate::features::auth) async fn organisations(
    tx: &mut PgConnection,
    claimed: Claimed,
    now: Time,
) -> sqlx::Result<Vec<OrganisationOption>> {
    sqlx::query_as!(
        OrganisationOption,
        r#"select id as "id!: OrgId", name as "name!", last_used_at as "last_used_at: Time" from auth_own_organisations($1, $2, $3)"#,
        claimed.session_id as _,
        &claimed.secret_hash[..],
        now as _,
    )
    .fetch_all(tx)
    .await
}

/// The hash of a person's password.
pub(in crate::features::auth) async fn password_hash(
    tx: &mut PgConnection,
    claimed: Claimed,
    now: Time,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select auth_own_password($1, $2, $3)",
        claimed.session_id as _,
        &claimed.secret_hash[..],
        now as _,
    )
    .fetch_one(tx)
    .await
}

/// Changes a person's name or password, the latter with the end of all their other sessions; says whether the session held.
pub(in crate::features::auth) async fn change(
    tx: &mut PgConnection,
    claimed: Claimed,
    name: Option<&str>,
    password_hash: Option<&str>,
    now: Time,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select auth_change_own($1, $2, $3, $4, $5) as "done!""#,
        claimed.session_id as _,
        &claimed.secret_hash[..],
        name,
        password_hash,
        now as _,
    )
    .fetch_one(tx)
    .await
}

/// Where a person is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OwnSession {
    /// Its id.
    pub(in crate::features::auth) id: SessionId,
    /// Which organisation it looks at.
    organisation_name: String,
    /// When it began.
    created_at: Time,
    /// When it ends by itself.
    expires_at: Time,
    /// From which address.
    ip: Option<String>,
    /// With which browser.
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    is_current: bool,
}

/// A person's open sessions in every organisation, the newest first.
pub(in crate::features::auth) async fn sessions(
    tx: &mut PgConnection,
    claimed: Claimed,
    now: Time,
) -> sqlx::Result<Vec<OwnSession>> {
    sqlx::query_as!(
        OwnSession,
        r#"select id as "id!: SessionId", org_name as "organisation_name!", created_at as "created_at!: Time",
                  expires_at as "expires_at!: Time", host(ip) as ip, user_agent, id = $1 as "is_current!"
           from auth_own_sessions($1, $2, $3)"#,
        claimed.session_id as _,
        &claimed.secret_hash[..],
        now as _,
    )
    .fetch_all(tx)
    .await
}

/// Ends one of a person's own sessions, or all but the one that asks; says how many were open.
pub(in crate::features::auth) async fn end_sessions(
    tx: &mut PgConnection,
    claimed: Claimed,
    other: Option<SessionId>,
    now: Time,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select auth_end_own_sessions($1, $2, $3, $4) as "ended!""#,
        claimed.session_id as _,
        &claimed.secret_hash[..],
        other as _,
        now as _,
    )
    .fetch_one(tx)
    .await
}
