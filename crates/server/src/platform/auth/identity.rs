//! Who somebody has proven to be, by a session or an API key, and what they may do; with a cache short enough that a revocation is felt
//! within a second on every node.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gururmm_ids::{ApiKeyId, ClientId, OrgId, ScheduleId, SessionId, SiteId, UserId};
use ipnet::IpNet;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Deserialize;
use sqlx::types::Json;
use subtle::ConstantTimeEq as _;

use super::access::{Access, KeyLimits, Place};
use super::permission::Permission;
use super::stored::{StoredGrant, access_of};
use super::token::Claimed;
use crate::platform::db::Db;
use crate::platform::time::Time;

/// How long an identity is believed without asking: half of the promised second, because an event stream asks only now and then.
pub const CACHE_FOR: Duration = Duration::from_millis(500);
const CACHE_MAX: usize = 10_000;

/// By what somebody has proven who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialId {
    /// By a session.
    Session(SessionId),
    /// By an API key.
    ApiKey(ApiKeyId),
    /// When they made a schedule, in whose name it works.
    Schedule(ScheduleId),
}

/// What is shown as proof.
#[derive(Clone, Copy, Debug)]
pub enum Proof {
    /// A session and its secret.
    Session(Claimed),
    /// The SHA-256 of an API key.
    ApiKey([u8; 32]),
}

/// The API key by which somebody acts.
#[derive(Clone, Debug)]
pub struct UsedKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// From where it may be used; empty: from anywhere.
    pub networks: Vec<IpNet>,
}

/// Somebody, and what they may do.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Whose rows they see.
    pub org_id: OrgId,
    /// Who it is: who logged in, or who made the key.
    pub user_id: UserId,
    /// When the session or the key was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// That person's name.
    pub user_name: String,
    /// The address they log in with.
    pub email: String,
    /// When their account was created.
    pub user_created_at: Time,
    /// What the organisation is called.
    pub org_name: String,
    /// What they were given.
    pub grants: Vec<StoredGrant>,
    /// What they may do.
    pub access: Access,
    /// The API key, when it is one.
    pub key: Option<UsedKey>,
    /// What was shown as proof.
    pub proof: Proof,
}

impl Identity {
    /// By what they have proven it.
    pub fn credential(&self) -> CredentialId {
        match (&self.key, self.proof) {
            (Some(key), _) => CredentialId::ApiKey(key.id),
            (None, Proof::Session(claimed)) => CredentialId::Session(claimed.session_id),
            // a key is always found with its id
            (None, Proof::ApiKey(_)) => CredentialId::ApiKey(ApiKeyId::from_uuid(uuid::Uuid::nil())),
        }
    }
}

/// Where an identity is kept. A key's hash is as good as its id: who knows the key knows both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum CacheKey {
    Session(SessionId),
    ApiKey([u8; 32]),
}

impl Proof {
    const fn cache_key(self) -> CacheKey {
        match self {
            Self::Session(claimed) => CacheKey::Session(claimed.session_id),
            Self::ApiKey(hash) => CacheKey::ApiKey(hash),
        }
    }

    /// Whether the other shows the same secret.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Session(one), Self::Session(other)) => {
                one.session_id == other.session_id && one.secret_hash.ct_eq(&other.secret_hash).into()
            }
            (Self::ApiKey(one), Self::ApiKey(other)) => one.ct_eq(other).into(),
            _ => false,
        }
    }
}

/// Identities seen a moment ago.
#[derive(Debug, Default)]
pub struct IdentityCache(Mutex<HashMap<CacheKey, (Instant, Arc<Identity>)>>);

impl IdentityCache {
    /// Who shows this proof, if it still holds.
    pub async fn find(&self, db: &Db, proof: Proof, now: Timestamp) -> sqlx::Result<Option<Arc<Identity>>> {
        if let Some(identity) = self.cached(proof.cache_key()) {
            return Ok((identity.proof.is(&proof) && identity.expires_at.0 > now).then_some(identity));
        }
        let found = match proof {
            Proof::Session(claimed) => find_session(db, claimed, now).await?,
            Proof::ApiKey(hash) => find_key(db, hash, now).await?,
        };
        let identity = found.map(Arc::new);
        if let Some(identity) = &identity {
            self.remember(identity.clone());
        }
        Ok(identity)
    }

    /// Whether somebody was seen with this proof a moment ago.
    pub fn knows(&self, proof: Proof) -> bool {
        self.cached(proof.cache_key()).is_some()
    }

    /// Somebody who was found before, as they are now, if their proof still holds.
    pub async fn again(&self, db: &Db, identity: &Identity, now: Timestamp) -> sqlx::Result<Option<Arc<Identity>>> {
        self.find(db, identity.proof, now).await
    }

    /// Forgets every identity of a person at once, because what they may do was changed here.
    pub fn forget_person(&self, id: UserId) {
        self.0.lock().retain(|_, (_, identity)| identity.user_id != id);
    }

    /// Forgets everybody at once, because sessions ended here and it is not known whose.
    pub fn forget_all(&self) {
        self.0.lock().clear();
    }

    /// Forgets every identity of an organisation at once, because a role was changed here.
    pub fn forget_organisation(&self, id: OrgId) {
        self.0.lock().retain(|_, (_, identity)| identity.org_id != id);
    }

    fn cached(&self, key: CacheKey) -> Option<Arc<Identity>> {
        let cache = self.0.lock();
        let (seen, identity) = cache.get(&key)?;
        (seen.elapsed() < CACHE_FOR).then(|| identity.clone())
    }

    fn remember(&self, identity: Arc<Identity>) {
        let mut cache = self.0.lock();
        if cache.len() >= CACHE_MAX {
            cache.retain(|_, (seen, _)| seen.elapsed() < CACHE_FOR);
        }
        if cache.len() < CACHE_MAX {
            cache.insert(identity.proof.cache_key(), (Instant::now(), identity));
        }
    }
}

async fn find_session(db: &Db, claimed: Claimed, now: Timestamp) -> sqlx::Result<Option<Identity>> {
    let mut tx = db.begin_lookup().await?;
    let found = sqlx::query!(
        r#"select org_id as "org_id!: OrgId", user_id as "user_id!: UserId", created_at as "created_at!: Time",
                  expires_at as "expires_at!: Time", user_name as "user_name!", email as "email!",
                  user_created_at as "user_created_at!: Time", org_name as "org_name!", grants as "grants!: Json<Vec<StoredGrant>>"
           from auth_find_session($1, $2, $3)"#,
        claimed.session_id as _,
        &claimed.secret_hash[..],
        Time(now) as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    Ok(found.map(|row| Identity {
        org_id: row.org_id,
        user_id: row.user_id,
        created_at: row.created_at,
        expires_at: row.expires_at,
        user_name: row.user_name,
        email: row.email,
        user_created_at: row.user_created_at,
        org_name: row.org_name,
        access: Access { grants: access_of(&row.grants), limits: None },
        grants: row.grants.0,
        key: None,
        proof: Proof::Session(claimed),
    }))
}

/// A place that a key is bound to.
#[derive(Debug, Deserialize)]
struct BoundPlace {
    client_id: Option<ClientId>,
    site_id: Option<SiteId>,
}

/// A network that nobody asks from.
fn nowhere() -> IpNet {
    IpNet::from(std::net::IpAddr::from([255, 255, 255, 255]))
}

async fn find_key(db: &Db, hash: [u8; 32], now: Timestamp) -> sqlx::Result<Option<Identity>> {
    let mut tx = db.begin_lookup().await?;
    let found = sqlx::query!(
        r#"select id as "id!: ApiKeyId", org_id as "org_id!: OrgId", user_id as "user_id!: UserId", name as "name!",
                  permissions as "permissions!", is_bound as "is_bound!", places as "places!: Json<Vec<BoundPlace>>",
                  networks::text[] as "networks!", created_at as "created_at!: Time", expires_at as "expires_at!: Time",
                  user_name as "user_name!", email as "email!", user_created_at as "user_created_at!: Time", org_name as "org_name!",
                  grants as "grants!: Json<Vec<StoredGrant>>"
           from auth_find_api_key($1, $2)"#,
        &hash[..],
        Time(now) as _,
    )
    .fetch_optional(&mut *tx)
    .await?;
    Ok(found.map(|row| {
        let permissions = row.permissions.iter().filter_map(|name| Permission::named(name));
        let limits = KeyLimits {
            key_id: row.id,
            permissions: permissions.filter(|permission| permission.is_for_keys()).collect(),
            // bound to places that are all gone: bound to none
            places: row
                .is_bound
                .then(|| row.places.iter().map(|place| Place::of(place.client_id, place.site_id)).collect()),
        };
        Identity {
            org_id: row.org_id,
            user_id: row.user_id,
            created_at: row.created_at,
            expires_at: row.expires_at,
            user_name: row.user_name,
            email: row.email,
            user_created_at: row.user_created_at,
            org_name: row.org_name,
            access: Access { grants: access_of(&row.grants), limits: Some(limits) },
            grants: row.grants.0,
            key: Some(UsedKey {
                id: row.id,
                name: row.name,
                // one that cannot be read lets nobody in, instead of everybody
                networks: row.networks.iter().map(|network| network.parse().unwrap_or_else(|_| nowhere())).collect(),
            }),
            proof: Proof::ApiKey(hash),
        }
    }))
}
