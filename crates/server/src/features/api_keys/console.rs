//! What the server's console does for API keys, as the owner of the database.

use gururmm_ids::{ApiKeyId, OrgId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::time::Time;

/// An API key in brief.
#[derive(Debug, Serialize)]
pub struct Key {
    /// Its id.
    pub id: ApiKeyId,
    /// Its organisation.
    pub organisation_name: String,
    /// Its maker's address.
    pub email: String,
    /// What people call it.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// When it ends by itself.
    pub expires_at: Time,
    /// When it was last used.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// Keys of every organisation, or of one, the newest first.
pub async fn list(owner: &mut PgConnection, org: Option<OrgId>) -> sqlx::Result<Vec<Key>> {
    sqlx::query_as!(
        Key,
        r#"select k.id as "id: ApiKeyId", o.name as organisation_name, u.email, k.name, k.prefix, k.expires_at as "expires_at: Time",
                  k.last_used_at as "last_used_at: Time", k.revoked_at as "revoked_at: Time"
           from api_keys k join users u on u.id = k.user_id join organisations o on o.id = k.org_id
           where $1::uuid is null or k.org_id = $1 order by k.id desc"#,
        org as _,
    )
    .fetch_all(owner)
    .await
}

/// Ends a key; false when it had been revoked before.
pub async fn revoke(owner: &mut PgConnection, id: ApiKeyId, now: Timestamp) -> anyhow::Result<bool> {
    let mut tx = owner.begin().await?;
    let key = sqlx::query!(
        r#"select org_id as "org_id: OrgId", name, prefix, revoked_at is null as "is_open!" from api_keys where id = $1 for update"#,
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| anyhow::anyhow!("there is no API key {id}: see `gururmm-server key list`"))?;
    if !key.is_open {
        return Ok(false);
    }
    sqlx::query!("update api_keys set revoked_at = $2 where id = $1", id as _, Time(now) as _)
        .execute(&mut *tx)
        .await?;
    let target = Target { kind: "api_key", id: Some(id.as_uuid()), name: Some(&key.name), ..Target::default() };
    let event = AuditEvent { action: "api_key.revoked", target, detail: json!({ "prefix": key.prefix }) };
    audit::record_own(&mut tx, key.org_id, now, event).await?;
    tx.commit().await?;
    Ok(true)
}
