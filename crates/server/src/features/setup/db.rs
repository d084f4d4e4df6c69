//! SQL of the table `setup_state`, by the functions that stand in for a right to it (nobody who asks has an organisation yet), and
//! of the name of `organisations`.

use gururmm_ids::{ClientId, OrgId, SiteId};
use sqlx::PgConnection;

use super::Refusal;
use crate::features::auth::User;
use crate::platform::auth::OrgScope;

/// Whether the first owner is still to be made.
pub(super) async fn is_open(tx: &mut PgConnection) -> sqlx::Result<bool> {
    let open = sqlx::query_scalar!(r#"select completed_at is null as "open!" from setup_find()"#).fetch_optional(tx);
    Ok(open.await?.unwrap_or(false))
}

/// What speaks against this token at the moment. Cheap; only [`complete`] decides.
pub(super) async fn peek(tx: &mut PgConnection, token_hash: &[u8; 32]) -> sqlx::Result<Option<Refusal>> {
    let state = sqlx::query_scalar!(r#"select setup_peek($1) as "state!""#, &token_hash[..]).fetch_one(tx).await?;
    Ok(Refusal::of(&state))
}

/// Makes the owner and closes the set-up, or says what speaks against it.
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

/// What the first start made.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) org: OrgId,
    pub(super) client: ClientId,
    pub(super) site: SiteId,
}

/// Turns the transaction into one that sees and changes the rows of the organisation that was set up; answers what was made there.
pub(super) async fn enter_organisation(tx: &mut PgConnection) -> sqlx::Result<Place> {
    let place = sqlx::query_as!(
        Place,
        r#"select org_id as "org!: OrgId", client_id as "client!: ClientId", site_id as "site!: SiteId"
           from setup_find()"#
    )
    .fetch_one(&mut *tx)
    .await?;
    let enter = "select set_config('app.org', $1, true), set_config('app.see', 'all', true), set_config('app.act', 'all', true)";
    sqlx::query(enter).bind(place.org.to_string()).execute(tx).await?;
    Ok(place)
}

/// Names the scope's organisation; answers what it was called.
pub(super) async fn rename_organisation(tx: &mut PgConnection, scope: &OrgScope, name: &str) -> sqlx::Result<String> {
    sqlx::query_scalar!(
        "update organisations set name = $2 from (select name from organisations where id = $1) as before
         where id = $1 returning before.name",
        scope.org_id as _,
        name,
    )
    .fetch_one(tx)
    .await
}
