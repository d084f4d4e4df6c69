//! Old reports are of no use to anybody.

use jiff::SignedDuration;

use super::db;
use crate::app::AppState;
use crate::platform::time::Time;

const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Removes reports that are older than a month; says how many.
pub async fn purge(app: &AppState) -> sqlx::Result<u64> {
    let before = app.clock.now().saturating_sub(KEPT_FOR).unwrap_or_default();
    let mut owner = app.db.owner().await?;
    db::purge(&mut owner, Time(before).since_1970()).await
}
