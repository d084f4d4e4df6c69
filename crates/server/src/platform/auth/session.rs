//! Sessions: what a token refers to, with a cache short enough that a revocation is felt within a second on every node.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gururmm_ids::{OrgId, SessionId, UserId};
use jiff::Timestamp;
use parking_lot::Mutex;
use subtle::ConstantTimeEq as _;

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
    /// That person's role.
    pub role: String,
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
    /// The SHA-256 of the secret in its token.
    pub secret_hash: Vec<u8>,
}

/// Sessions seen a moment ago.
#[derive(Debug, Default)]
pub struct SessionCache(Mutex<HashMap<SessionId, (Instant, Arc<Session>)>>);

impl SessionCache {
    /// Whether a session that was found before still holds.
    pub async fn still_holds(&self, db: &Db, session: &Session, now: Timestamp) -> sqlx::Result<bool> {
        let Ok(secret_hash) = session.secret_hash.as_slice().try_into() else { return Ok(false) };
        Ok(self.find(db, Claimed { session_id: session.id, secret_hash }, now).await?.is_some())
    }

    /// The session, if it is what is claimed and still holds.
    pub async fn find(&self, db: &Db, claimed: Claimed, now: Timestamp) -> sqlx::Result<Option<Arc<Session>>> {
        if let Some(session) = self.cached(claimed.session_id) {
            let is_it = session.secret_hash.ct_eq(&claimed.secret_hash).into() && session.expires_at.0 > now;
            return Ok(is_it.then_some(session));
        }
        let mut tx = db.begin_lookup().await?;
        let session = sqlx::query_as!(
            Session,
            r#"select session_id as "id!: SessionId", org_id as "org_id!: OrgId", user_id as "user_id!: UserId", role as "role!",
                      created_at as "created_at!", expires_at as "expires_at!",
                      user_name as "user_name!", email as "email!", user_created_at as "user_created_at!", org_name as "org_name!",
                      $2::bytea as "secret_hash!"
               from auth_find_session($1, $2, $3)"#,
            claimed.session_id as _,
            &claimed.secret_hash[..],
            Time(now) as _,
        )
        .fetch_optional(&mut *tx)
        .await?
        .map(Arc::new);
        if let Some(session) = &session {
            self.remember(session.clone());
        }
        Ok(session)
    }

    /// Forgets a session at once, because it was revoked here.
    pub fn forget(&self, id: SessionId) {
        self.0.lock().remove(&id);
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
