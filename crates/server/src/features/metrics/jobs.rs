//! Keeping the partitions of `metrics`: there is one for every day that may be written, and none past the retention.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::platform::db::{Db, PartitionReport, PartitionedTable, Unit};

const TABLE: PartitionedTable = PartitionedTable::new("metrics", Unit::Day);
/// Days ahead of today that have a partition: as long may this job fail before the ingest has to make its own.
const AHEAD_DAYS: i64 = 3;
/// A day's partition outlives the retention by this: a record that was still young enough may be on its way.
const GRACE: SignedDuration = SignedDuration::from_hours(1);
/// How far ahead of the server's a machine's clock may be before its records count as taken now.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The time under which a record is stored: its own, or now when that lies ahead. None when it is past the retention: the
/// record is left out.
pub fn clamp(recorded_at: Timestamp, now: Timestamp, retention_days: u32) -> Option<Timestamp> {
    if recorded_at.duration_since(now) > AHEAD_MAX {
        return Some(now);
    }
    (now.duration_since(recorded_at) <= days(retention_days)).then_some(recorded_at)
}

/// Makes missing partitions, from the oldest day of the retention to some days ahead, and drops older ones. Idempotent; a run that
/// failed or was stopped is finished by the next. What is to be written comes first: cleaning up may have to wait for readers.
pub async fn maintain(db: &Db, now: Timestamp, retention_days: u32) -> sqlx::Result<PartitionReport> {
    let mut report = make_partitions(db, now, retention_days).await?;
    let mut owner = db.owner().await?;
    report.dropped = TABLE.drop_before(&mut owner, kept_from(now, retention_days)).await?;
    Ok(report)
}

/// The first half of [`maintain`]: every day that may be written has a partition afterwards.
pub async fn make_partitions(db: &Db, now: Timestamp, retention_days: u32) -> sqlx::Result<PartitionReport> {
    let mut owner = db.owner().await?;
    let last = first_day(now, 0).saturating_add(AHEAD_DAYS.days());
    TABLE.make(&mut owner, first_day(now, retention_days), last, kept_from(now, retention_days)).await
}

fn kept_from(now: Timestamp, retention_days: u32) -> Date {
    first_day(now.saturating_sub(GRACE).unwrap_or(now), retention_days)
}

fn days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(days) * 24)
}

/// The oldest day that is kept.
fn first_day(now: Timestamp, retention_days: u32) -> Date {
    now.saturating_sub(days(retention_days)).unwrap_or(now).to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_ahead_become_now_and_times_past_the_retention_nothing() {
        let now = at("2026-03-01T12:00:00Z");
        let clamp = |text: &str| clamp(at(text), now, 10);
        assert_eq!(clamp("2026-03-01T11:00:00Z"), Some(at("2026-03-01T11:00:00Z")));
        assert_eq!(clamp("2026-03-01T12:05:00Z"), Some(at("2026-03-01T12:05:00Z")));
        assert_eq!(clamp("2026-03-01T12:05:01Z"), Some(now));
        assert_eq!(clamp("2199-01-01T00:00:00Z"), Some(now));
        assert_eq!(clamp("2026-02-19T12:00:00Z"), Some(at("2026-02-19T12:00:00Z")));
        assert_eq!(clamp("2026-02-19T11:59:59Z"), None);
        assert_eq!(clamp("1970-01-01T00:00:00Z"), None);
    }

    #[test]
    fn what_is_not_past_the_retention_has_a_partition() {
        for now in ["2026-03-01T00:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T23:59:59Z"].map(at) {
            let oldest = now.checked_sub(days(10)).unwrap();
            assert_eq!(clamp(oldest, now, 10), Some(oldest));
            assert_eq!(first_day(now, 10), oldest.to_zoned(TimeZone::UTC).date());
        }
    }
}
