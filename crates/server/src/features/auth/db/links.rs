//! Invitations and links for a new password, by the functions that use them up: whoever holds a link has no organisation yet.

use gururmm_ids::{OrgId, UserId};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::platform::auth::stored::StoredGrant;
use crate::platform::auth::token::Claimed;
use crate::platform::http::origin::Origin;
use crate::platform::time::Time;

/// An invitation whose link still works.
pub(in crate::features::auth) struct OpenInvitation {
    pub(in crate::features::auth) org_id: OrgId,
    pub(in crate::features::auth) org_name: String,
    pub(in crate::features::auth) email: String,
    /// What it gives.
    pub(in crate::features::auth) grants: Vec<StoredGrant>,
    /// Who made it; none for the console.
    pub(in crate::features::auth) invited_by: Option<UserId>,
    pub(in crate::features::auth) invited_by_name: Option<String>,
    /// What that person was given, as it is now; nothing when they are gone.
    pub(in crate::features::auth) inviter_grants: Vec<StoredGrant>,
    pub(in crate::features::auth) expires_at: Time,
    /// Whether its address has an account.
    pub(in crate::features::auth) has_account: bool,
}

/// The invitation of a token.
pub(in crate::features::auth) async fn find_invitation(
    tx: &mut PgConnection,
    token_hash: &[u8; 32],
    now: Time,
) -> sqlx::Result<Option<OpenInvitation>> {
    let row = sqlx::query!(
        r#"select org_id as "org_id!: OrgId", org_name as "org_name!", email as "email!", grants as "grants!: Json<Vec<StoredGrant>>",
                  invited_by as "invited_by?: UserId", invited_by_name, inviter_grants as "inviter_grants!: Json<Vec<StoredGrant>>",
                  expires_at as "expires_at!: Time", has_account as "has_account!"
           from auth_find_invitation($1, $2)"#,
        &token_hash[..],
        now as _,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| OpenInvitation {
        org_id: row.org_id,
        org_name: row.org_name,
        email: row.email,
        grants: row.grants.0,
        invited_by: row.invited_by,
        invited_by_name: row.invited_by_name,
        inviter_grants: row.inviter_grants.0,
        expires_at: row.expires_at,
        has_account: row.has_account,
    }))
}

/// Who uses an invitation.
pub(in crate::features::auth) enum Acceptor<'a> {
    /// Somebody who is signed in.
    Known(Claimed),
    /// Somebody who has no account yet.
    New {
        /// The id of the account to be.
        id: UserId,
        /// Their name.
        name: &'a str,
        /// Of the password that they chose.
        password_hash: &'a str,
    },
}

/// Uses an invitation up; says whether it still worked.
pub(in crate::features::auth) async fn accept(
    tx: &mut PgConnection,
    token_hash: &[u8; 32],
    acceptor: Acceptor<'_>,
    now: Time,
) -> sqlx::Result<bool> {
    let (session, user_id, name, password_hash) = match acceptor {
        Acceptor::Known(claimed) => (Some(claimed), None, None, None),
        Acceptor::New { id, name, password_hash } => (None, Some(id), Some(name), Some(password_hash)),
    };
    let accepted = sqlx::query_scalar!(
        r#"select auth_accept_invitation($1, $2, $3, $4, $5, $6, $7) is not null as "accepted!""#,
        &token_hash[..],
        session.map(|claimed| claimed.session_id) as _,
        session.map(|claimed| claimed.secret_hash.to_vec()),
        user_id as _,
        name,
        password_hash,
        now as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(accepted)
}

/// Sets a password anew by a link from the console, and ends every session of its account; says whether the link still worked.
pub(in crate::features::auth) async fn reset_password(
    tx: &mut PgConnection,
    token_hash: &[u8; 32],
    password_hash: &str,
    origin: &Origin,
    now: Time,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select auth_reset_password($1, $2, $3::text::inet, $4, $5) as "done!""#,
        &token_hash[..],
        password_hash,
        origin.ip.to_string(),
        origin.request_id as _,
        now as _,
    )
    .fetch_one(tx)
    .await
}
