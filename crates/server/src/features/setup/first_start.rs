//! What an empty database gets at the first start, and a fresh token at every start until the set-up is done.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_ids::{ClientId, OrgId, SiteId, SiteKeyId};
use gururmm_protocol::secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::random;
use crate::platform::secrets::ServerSecrets;
use crate::platform::time::Time;

/// Names of the first organisation, client and site; they can be renamed.
const ORGANISATION: &str = "default";
const CLIENT: &str = "My organisation";
const SITE: &str = "Main office";
/// Name of the key for this very machine.
const LOCAL_KEY: &str = "This machine, at the first start";
const LOCAL_KEY_FOR: SignedDuration = SignedDuration::from_hours(24);

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
    told.local_site_key = if is_completed.is_none() {
        Some(fill(&mut tx, secrets, &hash, now).await?)
    } else {
        sqlx::query!("update setup_state set token_hash = $1", &hash[..]).execute(&mut *tx).await?;
        renew_local_key(&mut tx, secrets, now).await?
    };
    tx.commit().await?;
    told.setup_token = Some(token);
    Ok(told)
}

/// Replaces the key for this machine while nobody has used it: a start that was cut short may not have handed it out.
async fn renew_local_key(
    tx: &mut PgConnection,
    secrets: &ServerSecrets,
    now: Timestamp,
) -> sqlx::Result<Option<String>> {
    let key = secret::site_key(&random::bytes(), &secrets.fingerprint());
    let renewed = sqlx::query!(
        r#"update site_keys set key_hash = $1, prefix = $2, expires_at = $3
           where id = (select site_key_id from setup_state) and use_count = 0 and revoked_at is null
           returning id as "id: SiteKeyId", org_id as "org_id: OrgId", site_id as "site_id: SiteId",
                     (select client_id from setup_state) as "client_id!: ClientId""#,
        &secret::hash(&key)[..],
        secret::site_key_prefix(&key),
        local_key_end(now) as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = renewed else { return Ok(None) };
    let target = local_key_target(row.client_id, row.site_id, row.id);
    let detail = json!({ "prefix": secret::site_key_prefix(&key) });
    audit::record_own(tx, row.org_id, now, AuditEvent { action: "site_key.renewed", target, detail }).await?;
    Ok(Some(key))
}

/// The local key lies in a file: it must not stay good for ever. Each start before the set-up makes a new one.
fn local_key_end(now: Timestamp) -> Time {
    Time(now.saturating_add(LOCAL_KEY_FOR).unwrap_or(now))
}

fn local_key_target(client_id: ClientId, site_id: SiteId, id: SiteKeyId) -> Target<'static> {
    Target {
        kind: "site_key",
        id: Some(id.as_uuid()),
        name: Some(LOCAL_KEY),
        client_id: Some(client_id),
        site_id: Some(site_id),
        ..Target::default()
    }
}

/// The ids of what an empty database gets.
struct First {
    org: OrgId,
    client: ClientId,
    site: SiteId,
    site_key: SiteKeyId,
}

async fn fill(
    tx: &mut PgConnection,
    secrets: &ServerSecrets,
    token_hash: &[u8],
    now: Timestamp,
) -> sqlx::Result<String> {
    let first = First {
        org: OrgId::generate(),
        client: ClientId::generate(),
        site: SiteId::generate(),
        site_key: SiteKeyId::generate(),
    };
    let key = secret::site_key(&random::bytes(), &secrets.fingerprint());
    insert(tx, &first, &key, now).await?;
    sqlx::query!(
        "insert into setup_state (org_id, client_id, site_id, site_key_id, token_hash) values ($1, $2, $3, $4, $5)",
        first.org as _,
        first.client as _,
        first.site as _,
        first.site_key as _,
        token_hash,
    )
    .execute(&mut *tx)
    .await?;
    tell(tx, &first, &key, now).await?;
    Ok(key)
}

async fn insert(tx: &mut PgConnection, first: &First, key: &str, now: Timestamp) -> sqlx::Result<()> {
    let time = Time(now);
    sqlx::query!(
        "insert into organisations (id, name, created_at) values ($1, $2, $3)",
        first.org as _,
        ORGANISATION,
        time as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into clients (id, org_id, name, kind, created_at, updated_at) values ($1, $2, $3, 'internal', $4, $4)",
        first.client as _,
        first.org as _,
        CLIENT,
        time as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into sites (id, org_id, client_id, name, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
        first.site as _,
        first.org as _,
        first.client as _,
        SITE,
        time as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into site_keys (id, org_id, client_id, site_id, name, prefix, key_hash, max_uses, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)",
        first.site_key as _,
        first.org as _,
        first.client as _,
        first.site as _,
        LOCAL_KEY,
        secret::site_key_prefix(key),
        &secret::hash(key)[..],
        time as _,
        local_key_end(now) as _,
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// The audit rows: nobody has logged in, so the server did it.
async fn tell(tx: &mut PgConnection, first: &First, key: &str, now: Timestamp) -> sqlx::Result<()> {
    let client = Target {
        kind: "client",
        id: Some(first.client.as_uuid()),
        name: Some(CLIENT),
        client_id: Some(first.client),
        ..Target::default()
    };
    let site =
        Target { kind: "site", id: Some(first.site.as_uuid()), name: Some(SITE), site_id: Some(first.site), ..client };
    let organisation =
        Target { kind: "organisation", id: Some(first.org.as_uuid()), name: Some(ORGANISATION), ..Target::default() };
    let site_key = local_key_target(first.client, first.site, first.site_key);
    let prefix = secret::site_key_prefix(key);
    for (action, target, detail) in [
        ("organisation.created", organisation, json!({})),
        ("client.created", client, json!({ "kind": "internal" })),
        ("site.created", site, json!({ "client_name": CLIENT })),
        ("site_key.created", site_key, json!({ "prefix": prefix, "max_uses": 1, "expires_at": local_key_end(now) })),
    ] {
        audit::record_own(tx, first.org, now, AuditEvent { action, target, detail }).await?;
    }
    Ok(())
}
