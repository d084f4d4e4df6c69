//! Links that make somebody a member or set a password anew: a token of 256 bits, of which only the SHA-256 is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_protocol::secret;
use sqlx::PgConnection;

use super::db::links::{OpenInvitation, find_invitation};
use crate::platform::auth::stored::access_of;
use crate::platform::auth::{Access, giving};
use crate::platform::http::Problem;
use crate::platform::http::problem::violates;
use crate::platform::random;
use crate::platform::time::Time;

/// A new token that begins so, and its SHA-256.
pub fn link_token(prefix: &str) -> (String, [u8; 32]) {
    let token = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::bytes::<32>()));
    let hash = secret::hash(&token);
    (token, hash)
}

/// The SHA-256 of a token that somebody sends.
pub(super) fn token_hash(token: &str) -> [u8; 32] {
    secret::hash(token.trim())
}

/// The invitation of a token, if it works and its maker may still give what it gives.
pub(super) async fn open_invitation(
    tx: &mut PgConnection,
    token_hash: &[u8; 32],
    now: Time,
) -> Result<OpenInvitation, Problem> {
    let invitation = find_invitation(tx, token_hash, now).await?.ok_or_else(not_found)?;
    if invitation.invited_by.is_some() {
        let giver = Access { grants: access_of(&invitation.inviter_grants), limits: None };
        for grant in &invitation.grants {
            giving::may_give(&giver, grant.named(), grant.place()).map_err(|_| void())?;
        }
    }
    Ok(invitation)
}

/// Whether a link for a new password works.
pub(super) async fn is_reset(tx: &mut PgConnection, token_hash: &[u8; 32], now: Time) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select auth_is_reset($1, $2) as "is!""#, &token_hash[..], now as _).fetch_one(tx).await
}

/// Whether what an invitation gives is not there any more: its role, its client or its site is gone, or the organisation is suspended.
pub(super) fn is_void(error: &sqlx::Error) -> bool {
    ["grants_role_fkey", "grants_client_fkey", "grants_site_fkey", "organisation_suspended"]
        .iter()
        .any(|key| violates(error, key))
}

pub(super) fn not_found() -> Problem {
    Problem::not_found(
        "invitation_not_found",
        "This invitation does not work: it was used, revoked or is too old. Ask for a new one.",
    )
}

/// The organisation has as many people as it may.
pub(super) fn full() -> Problem {
    let detail =
        "This organisation has as many people as it may. Its owner can ask whoever runs the server to raise the limit.";
    Problem::conflict("user_limit_reached", detail)
}

/// What it gives is gone, or not its maker's to give any more.
pub(super) fn void() -> Problem {
    Problem::conflict(
        "invitation_void",
        "What this invitation gives is not there to be given any more. Ask for a new one.",
    )
}
