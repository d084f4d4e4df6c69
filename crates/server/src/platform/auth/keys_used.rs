//! When and from where API keys were last used: noted in memory at each use, written by a job. A key that is used a thousand times a second
//! costs one write.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use gururmm_ids::ApiKeyId;
use parking_lot::Mutex;

use super::super::db::Db;
use crate::platform::time::Time;

/// How often uses are written.
pub const WRITE_EVERY: Duration = Duration::from_secs(10);
/// Keys that were used between two writes; more are not noted.
const NOTED_MAX: usize = 10_000;

/// Uses that are not written yet.
#[derive(Debug, Default)]
pub struct KeysUsed(Mutex<HashMap<ApiKeyId, IpAddr>>);

impl KeysUsed {
    /// Notes that a key was used from an address.
    pub fn note(&self, id: ApiKeyId, ip: IpAddr) {
        let mut used = self.0.lock();
        if used.len() < NOTED_MAX || used.contains_key(&id) {
            used.insert(id, ip);
        }
    }

    /// Writes what was noted. What cannot be written is noted again by the next use.
    pub async fn write(&self, db: &Db, now: Time) -> sqlx::Result<()> {
        let used = std::mem::take(&mut *self.0.lock());
        if used.is_empty() {
            return Ok(());
        }
        let mut tx = db.begin_lookup().await?;
        for (id, ip) in used {
            sqlx::query!(
                "select auth_touch_api_key($1, $2::text::inet, $3) as touched",
                id as _,
                ip.to_string(),
                now as _
            )
            .fetch_one(&mut *tx)
            .await?;
        }
        tx.commit().await
    }
}
