//! What an empty database gets at the first start, and a fresh token at every start until the set-up is done.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_ids::{ClientId, OrgId, SiteId, SiteKeyId};
use gururmm_protocol::secret;
use jiff::Timestamp;
use sqlx::{Connection as _, PgConnection};

use crate::platform::random;
use crate::platform::secrets::ServerSecrets;
use crate::platform::time::Time;

/// Names of the first organisation, client and site; they can be renamed.
const ORGANISATION: &str = "default";
const CLIENT: &str = "My organisation";
const SITE: &str = "Main office";

/// What the operator must be told.
#[derive(Debug, Default)]
pub struct FirstStart {
    /// The one-time token of the set-up page, while the set-up is open.
    pub setup_token: Option<String>,
    /// The one-use site key for this machine, while the set-up is open and nobody has used it.
    pub local_site_key: Option<String>,
}

/// Fills an empty database; while nobody has completed the set-up, replaces its token and the unused local
/// key (the old ones are nowhere to be read).
pub async fn first_start(
    owner: &mut PgConnection,
    secrets: &ServerSecrets,
    now: Timestamp,
) -> sqlx::Result<FirstStart> {
    let mut tx = owner.begin().await?;
    // one server at a time: two that start together must not both find the database empty
    sqlx::query!("lock table setup_state in exclusive mode").execute(&mut *tx).await?;
    let is_completed = sqlx::query_scalar!(r#"select completed_at is not null as "done!" from setup_state"#)
        .fetch_optional(&mut *tx)
        .await?;
    let mut told = FirstStart::default();
    if is_completed == Some(true) {
        return Ok(told);
    }
    let token = URL_SAFE_NO_PAD.encode(random::bytes::<24>());
    let hash = secret::hash(&token);
    if is_completed.is_none() {
        told.local_site_key = Some(fill(&mut tx, secrets, &hash, now).await?);
    } else {
        sqlx::query!("update setup_state set token_hash = $1", &hash[..]).execute(&mut *tx).await?;
        told.local_site_key = renew_local_key(&mut tx, secrets).await?;
    }
    tx.commit().await?;
    told.setup_token = Some(token);
    Ok(told)
}

/// Replaces the key for this machine while nobody has used it: a start that was cut short may not have handed it out.
async fn renew_local_key(tx: &mut PgConnection, secrets: &ServerSecrets) -> sqlx::Result<Option<String>> {
    let key = secret::site_key(&random::bytes(), &secrets.fingerprint());
    let renewed = sqlx::query!(
        "update site_keys set key_hash = $1, prefix = $2
         where id = (select site_key_id from setup_state) and use_count = 0 and revoked_at is null",
        &secret::hash(&key)[..],
        secret::site_key_prefix(&key),
    )
    .execute(tx)
    .await?;
    Ok((renewed.rows_affected() == 1).then_some(key))
}

async fn fill(
    tx: &mut PgConnection,
    secrets: &ServerSecrets,
    token_hash: &[u8],
    now: Timestamp,
) -> sqlx::Result<String> {
    let (org, client, site, site_key) =
        (OrgId::generate(), ClientId::generate(), SiteId::generate(), SiteKeyId::generate());
    let key = secret::site_key(&random::bytes(), &secrets.fingerprint());
    let now = Time(now);
    sqlx::query!(
        "insert into organisations (id, name, created_at) values ($1, $2, $3)",
        org as _,
        ORGANISATION,
        now as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into clients (id, org_id, name, kind, created_at, updated_at) values ($1, $2, $3, 'internal', $4, $4)",
        client as _,
        org as _,
        CLIENT,
        now as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into sites (id, org_id, client_id, name, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
        site as _,
        org as _,
        client as _,
        SITE,
        now as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into site_keys (id, org_id, site_id, name, prefix, key_hash, max_uses, created_at) values ($1, $2, $3, $4, $5, $6, 1, $7)",
        site_key as _,
        org as _,
        site as _,
        "This machine, at the first start",
        secret::site_key_prefix(&key),
        &secret::hash(&key)[..],
        now as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into setup_state (org_id, client_id, site_id, site_key_id, token_hash) values ($1, $2, $3, $4, $5)",
        org as _,
        client as _,
        site as _,
        site_key as _,
        token_hash,
    )
    .execute(&mut *tx)
    .await?;
    Ok(key)
}
