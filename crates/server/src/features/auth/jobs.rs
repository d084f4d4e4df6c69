//! Sessions that ended long ago are forgotten.

use jiff::SignedDuration;

use super::db;
use crate::app::AppState;
use crate::platform::time::Time;

/// How long ended sessions are kept: they tell from where an account has logged in. The audit log remembers for ever.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Forgets sessions whose time is over; says how many.
pub async fn forget_sessions(app: &AppState) -> sqlx::Result<u64> {
    let before = app.clock.now().saturating_sub(KEPT_FOR).unwrap_or_default();
    let mut owner = app.db.owner().await?;
    db::forget_sessions(&mut owner, Time(before).since_1970()).await
}
