//! SQL of the table `setup_state`, by the functions that stand in for a right to it: nobody who asks has an organisation yet.

use gururmm_ids::OrgId;
use sqlx::PgConnection;

use super::Refusal;
use crate::features::auth::User;

/// Whether the first administrator is still to be made.
pub(super) async fn is_open(tx: &mut PgConnection) -> sqlx::Result<bool> {
    let open = sqlx::query_scalar!(r#"select completed_at is null as "open!" from setup_find()"#).fetch_optional(tx);
    Ok(open.await?.unwrap_or(false))
}

/// What speaks against this token at the moment. Cheap; only [`complete`] decides.
pub(super) async fn peek(tx: &mut PgConnection, token_hash: &[u8; 32]) -> sqlx::Result<Option<Refusal>> {
    let state = sqlx::query_scalar!(r#"select setup_peek($1) as "state!""#, &token_hash[..]).fetch_one(tx).await?;
    Ok(Refusal::of(&state))
}

/// Makes the administrator and closes the set-up, or says what speaks against it.
pub(super) async fn complete(
    tx: &mut PgConnection,
    token_hash: &[u8; 32],
    user: &User,
    password_hash: &str,
) -> sqlx::Result<Option<Refusal>> {
    let outcome = sqlx::query_scalar!(
        r#"select setup_complete($1, $2, $3, $4, $5, $6) as "outcome!""#,
        &token_hash[..],
        user.id as _,
        user.email,
        user.name,
        password_hash,
        user.created_at as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(Refusal::of(&outcome))
}

/// Turns the transaction into one that sees the rows of the organisation that was set up; answers which.
pub(super) async fn enter_organisation(tx: &mut PgConnection) -> sqlx::Result<OrgId> {
    let org_id = sqlx::query_scalar!(r#"select org_id as "id!: OrgId" from setup_find()"#).fetch_one(&mut *tx).await?;
    sqlx::query!("select set_config('app.org', $1, true) as org", org_id.to_string()).fetch_one(tx).await?;
    Ok(org_id)
}
