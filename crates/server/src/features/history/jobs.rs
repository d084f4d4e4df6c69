//! Rolling up, keeping partitions, and letting go of what an organisation does not wish to keep.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::step::Step;
use super::{Retention, db};
use crate::platform::db::Db;

/// A span is rolled up this long after its end: most measurements are there by then, and the others make it due.
const LAG: SignedDuration = SignedDuration::from_secs(30);
/// Measurements of this much time are rolled up in one transaction.
const CHUNK: SignedDuration = SignedDuration::from_hours(1);
/// Spans that came due are rolled up in such numbers: whoever stores a measurement of one of them waits meanwhile.
const DUE_AT_ONCE: i32 = 200;
/// Partitions are made so many days ahead.
const AHEAD_DAYS: i64 = 10;

/// Rolls up what is over, and again what came late; says how many spans came late. What is stopped in between goes on next time.
pub async fn roll_up(db: &Db, now: Timestamp) -> sqlx::Result<u32> {
    let mut owner = db.owner().await?;
    let mut late = 0;
    for step in Step::MEASURED {
        let until = step.floor(now.saturating_sub(LAG).unwrap_or(now));
        db::begin_marks(&mut owner, step, until).await?;
        db::close(&mut owner, step, until).await?;
        while db::roll_up_next(&mut owner, step, CHUNK).await? {}
        loop {
            let count = db::roll_up_due(&mut owner, step, DUE_AT_ONCE, now).await?;
            late += count.unsigned_abs();
            if count < DUE_AT_ONCE {
                break;
            }
        }
    }
    Ok(late)
}

/// Makes missing partitions, as far back as measurements are kept, and drops those that nobody may keep any more. Idempotent.
pub async fn maintain(db: &Db, now: Timestamp, kept: Retention) -> sqlx::Result<()> {
    let mut owner = db.owner().await?;
    let day = |days: u32| {
        let at = now.saturating_sub(SignedDuration::from_hours(i64::from(days) * 24)).unwrap_or(now);
        at.to_zoned(TimeZone::UTC).date()
    };
    let last = day(0).saturating_add(AHEAD_DAYS.days());
    for (step, days) in
        [(Step::FIVE_MINUTES, kept.five_minutes_days), (Step::HOUR, kept.hours_days), (Step::QUARTER, kept.hours_days)]
    {
        let kept_from = day(days.max(kept.measurements_days));
        step.table.make(&mut owner, day(kept.measurements_days), last, kept_from).await?;
        step.table.drop_before(&mut owner, kept_from).await?;
    }
    Ok(())
}

/// Deletes what is past the retention of its organisation, where that is shorter than the server's; says how many rows.
pub async fn purge(db: &Db, now: Timestamp) -> sqlx::Result<u64> {
    db::purge(&mut *db.owner().await?, now).await
}
