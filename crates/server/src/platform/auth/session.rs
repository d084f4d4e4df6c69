//! Sessions: what a token refers to, with a cache short enough that a revocation is felt within a second on every node.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gururmm_ids::{OrgId, SessionId, UserId};
use jiff::Timestamp;
use parking_lot::Mutex;
use sqlx::types::Json;
use subtle::ConstantTimeEq as _;

use super::access::Access;
use super::stored::{StoredGrant, access_of};
use super::token::Claimed;
use crate::platform::db::Db;
use crate::platform::time::Time;

/// How long a session is believed without asking: half of the promised second, because an event stream asks only now and then.
pub const CACHE_FOR: Duration = Duration::from_millis(500);
const CACHE_MAX: usize = 10_000;

/// A session that holds.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose rows it sees.
    pub org_id: OrgId,
    /// Who logged in.
    pub user_id: UserId,
    /// When they logged in.
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
    /// What they were given, as it is told to them.
    pub grants: Vec<StoredGrant>,
    /// What they may do.
    pub access: Access,
    /// The SHA-256 of the secret in its token.
    pub secret_hash: [u8; 32],
}

/// Sessions seen a moment ago.
#[derive(Debug, Default)]
pub struct SessionCache(Mutex<HashMap<SessionId, (Instant, Arc<Session>)>>);

impl SessionCache {
    /// A session that was found before, as it is now, if it still holds.
    pub async fn again(&self, db: &Db, session: &Session, now: Timestamp) -> sqlx::Result<Option<Arc<Session>>> {
        self.find(db, Claimed { session_id: session.id, secret_hash: session.secret_hash }, now).await
    }

    /// The session, if it is what is claimed and still holds.
    pub async fn find(&self, db: &Db, claimed: Claimed, now: Timestamp) -> sqlx::Result<Option<Arc<Session>>> {
        if let Some(session) = self.cached(claimed.session_id) {
            let is_it = session.secret_hash.ct_eq(&claimed.secret_hash).into() && session.expires_at.0 > now;
            return Ok(is_it.then_some(session));
        }
        let mut tx = db.begin_lookup().await?;
        let found = sqlx::query!(
            r#"select session_id as "id!: SessionId", org_id as "org_id!: OrgId", user_id as "user_id!: UserId",
                      created_at as "created_at!: Time", expires_at as "expires_at!: Time", user_name as "user_name!", email as "email!",
                      user_created_at as "user_created_at!: Time", org_name as "org_name!", grants as "grants!: Json<Vec<StoredGrant>>"
               from auth_find_session($1, $2, $3)"#,
            claimed.session_id as _,
            &claimed.secret_hash[..],
            Time(now) as _,
        )
        .fetch_optional(&mut *tx)
        .await?;
        let session = found.map(|row| {
            let access = Access { grants: access_of(&row.grants), limits: None };
            Arc::new(Session {
                id: row.id,
                org_id: row.org_id,
                user_id: row.user_id,
                created_at: row.created_at,
                expires_at: row.expires_at,
                user_name: row.user_name,
                email: row.email,
                user_created_at: row.user_created_at,
                org_name: row.org_name,
                grants: row.grants.0,
                access,
                secret_hash: claimed.secret_hash,
            })
        });
        if let Some(session) = &session {
            self.remember(session.clone());
        }
        Ok(session)
    }

    /// Forgets a session at once, because it was revoked here.
    pub fn forget(&self, id: SessionId) {
        self.0.lock().remove(&id);
    }

    /// Forgets every session of a person at once, because what they may do was changed here.
    pub fn forget_person(&self, id: UserId) {
        self.0.lock().retain(|_, (_, session)| session.user_id != id);
    }

    /// Forgets every session of an organisation at once, because a role was changed here.
    pub fn forget_organisation(&self, id: OrgId) {
        self.0.lock().retain(|_, (_, session)| session.org_id != id);
    }

    fn cached(&self, id: SessionId) -> Option<Arc<Session>> {
        let cache = self.0.lock();
        let (seen, session) = cache.get(&id)?;
        (seen.elapsed() < CACHE_FOR).then(|| session.clone())
    }

    fn remember(&self, session: Arc<Session>) {
        let mut cache = self.0.lock();
        if cache.len() >= CACHE_MAX {
            cache.retain(|_, (seen, _)| seen.elapsed() < CACHE_FOR);
        }
        if cache.len() < CACHE_MAX {
            cache.insert(session.id, (Instant::now(), session));
        }
    }
}
