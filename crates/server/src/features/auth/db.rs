//! SQL of the tables `users` and `auth_sessions`. The name of the organisation is read from `organisations`.

pub(super) mod links;
pub(super) mod own;

use gururmm_ids::{OrgId, SessionId, UserId};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::platform::auth::OrgScope;
use crate::platform::time::Time;

/// An organisation that an account is a member of.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganisationOption {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// When the account last logged in there.
    pub last_used_at: Option<Time>,
}

/// Who has this address, before the organisation is known.
pub(super) struct Account {
    pub(super) id: UserId,
    pub(super) organisations: Vec<OrganisationOption>,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password_hash: String,
    pub(super) created_at: Time,
    pub(super) is_known_here: bool,
}

/// The account of an address, and whether it has logged in from this network, as far back as sessions are kept.
pub(super) async fn find_account(tx: &mut PgConnection, email: &str, network: IpNet) -> sqlx::Result<Option<Account>> {
    let row = sqlx::query!(
        r#"select id as "id?: UserId", email as "email?", name as "name?", password_hash as "password_hash?",
                  created_at as "created_at?: Time", is_known_here as "is_known_here!",
                  organisations as "organisations!: Json<Vec<OrganisationOption>>"
           from auth_find_user($1, $2::text::inet)"#,
        email,
        network.to_string(),
    )
    .fetch_one(tx)
    .await?;
    let (Some(id), Some(email), Some(name), Some(password_hash), Some(created_at)) =
        (row.id, row.email, row.name, row.password_hash, row.created_at)
    else {
        return Ok(None);
    };
    let (organisations, is_known_here) = (row.organisations.0, row.is_known_here);
    Ok(Some(Account { id, organisations, email, name, password_hash, created_at, is_known_here }))
}

/// Forgets sessions that ended before `before`; says how many. Needs the owner's connection: it is every organisation's.
pub(super) async fn forget_sessions(owner: &mut PgConnection, before: Time) -> sqlx::Result<u64> {
    let result = sqlx::query!("delete from auth_sessions where expires_at < $1", before as _).execute(owner).await?;
    Ok(result.rows_affected())
}

/// Adds a session of the scope's person.
pub(super) async fn insert_session(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SessionId,
    [created_at, expires_at]: [Time; 2],
    user_agent: Option<&str>,
    secret_hash: [u8; 32],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into auth_sessions (id, org_id, user_id, created_at, expires_at, ip, user_agent, secret_hash)
         values ($1, $2, $3, $4, $5, $6::text::inet, $7, $8)",
        id as _,
        scope.org_id as _,
        scope.user_id as _,
        created_at as _,
        expires_at as _,
        scope.ip.to_string(),
        user_agent,
        &secret_hash[..],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Holds an account and a membership until the end of the transaction: says whether somebody may come in, with this password where one
/// was compared.
pub(super) async fn hold_account(
    tx: &mut PgConnection,
    user_id: UserId,
    org_id: OrgId,
    password_hash: Option<&str>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select auth_hold_account($1, $2, $3) as "may!""#, user_id as _, org_id as _, password_hash)
        .fetch_one(tx)
        .await
}

/// Goes on in another organisation, for what a transaction tells there.
pub(super) async fn enter(tx: &mut PgConnection, org_id: OrgId) -> sqlx::Result<()> {
    sqlx::query("select set_config('app.org', $1, true)").bind(org_id.to_string()).execute(tx).await.map(drop)
}

/// Ends a session; says whether it was open.
pub(super) async fn revoke_session(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: SessionId,
    now: Time,
) -> sqlx::Result<bool> {
    let result = sqlx::query!(
        "update auth_sessions set revoked_at = $3 where org_id = $1 and id = $2 and revoked_at is null",
        scope.org_id as _,
        id as _,
        now as _,
    )
    .execute(tx)
    .await?;
    Ok(result.rows_affected() == 1)
}
