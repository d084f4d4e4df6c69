//! Keeping the partitions of `metrics`: there is one for every day that may be written, and none past the retention.
//!
//! A partition is named after its day (`metrics_20260131`) and goes in three steps, each of which may be where the server was
//! stopped: it is being detached (`inhdetachpending`), it is detached and a table of its own, it is dropped. Every run begins
//! by finishing what it finds in between. Detaching waits for readers instead of stopping them (`concurrently`), which
//! PostgreSQL allows only outside a transaction.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::platform::db::Db;

/// Days ahead of today that have a partition: as long may this job fail before the ingest has to make its own.
const AHEAD_DAYS: u32 = 3;
/// A day's partition outlives the retention by this: a record that was still young enough may be on its way.
const GRACE: SignedDuration = SignedDuration::from_hours(1);
/// How far ahead of the server's a machine's clock may be before its records count as taken now.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaintainReport {
    /// Partitions that were missing.
    pub created: i32,
    /// Partitions that are gone, by name.
    pub dropped: Vec<String>,
    /// Partitions that were detached although their day is kept (the clock had been wrong), by name.
    pub attached: Vec<String>,
}

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
pub async fn maintain(db: &Db, now: Timestamp, retention_days: u32) -> sqlx::Result<MaintainReport> {
    let mut report = make_partitions(db, now, retention_days).await?;
    let mut owner = db.owner().await?;
    let kept_from = kept_from(now, retention_days);
    let old = partitions(&mut owner).await?.into_iter().filter(|(partition, _)| partition.0 < kept_from);
    for (partition, state) in old {
        match state {
            State::Attached => detach(&mut owner, partition).await?,
            State::Detaching => finish_detach(&mut owner, partition).await?,
            State::Detached => {}
        }
        drop_detached(&mut owner, partition).await?;
        report.dropped.push(partition.to_string());
    }
    Ok(report)
}

/// The first half of [`maintain`]: every day that may be written has a partition afterwards.
pub async fn make_partitions(db: &Db, now: Timestamp, retention_days: u32) -> sqlx::Result<MaintainReport> {
    let mut owner = db.owner().await?;
    let created = create_missing(&mut owner, first_day(now, retention_days), retention_days + 1 + AHEAD_DAYS).await?;
    let mut report = MaintainReport { created, ..MaintainReport::default() };
    let kept_from = kept_from(now, retention_days);
    for (partition, state) in partitions(&mut owner).await? {
        if state == State::Attached || partition.0 < kept_from {
            continue;
        }
        if state == State::Detaching {
            finish_detach(&mut owner, partition).await?;
        }
        attach(&mut owner, partition).await?;
        report.attached.push(partition.to_string());
    }
    Ok(report)
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

/// The partition of a day. Its name is made of the day alone, so it is safe in a statement whatever the catalogue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Partition(Date);

impl Partition {
    fn named(name: &str) -> Option<Self> {
        let day = name.strip_prefix("metrics_")?;
        if day.len() != 8 || !day.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let date = Date::new(day[..4].parse().ok()?, day[4..6].parse().ok()?, day[6..].parse().ok()?).ok()?;
        Some(Self(date))
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "metrics_{:04}{:02}{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Attached,
    Detaching,
    Detached,
}

/// Tables that are or were partitions.
async fn partitions(owner: &mut PgConnection) -> sqlx::Result<Vec<(Partition, State)>> {
    let rows = sqlx::query!(
        r#"select c.relname::text as "name!", i.inhrelid is not null as "is_attached!", coalesce(i.inhdetachpending, false) as "is_pending!"
           from pg_class c left join pg_inherits i on i.inhrelid = c.oid and i.inhparent = 'public.metrics'::regclass
           where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname like 'metrics\_%' order by c.relname"#
    )
    .fetch_all(owner)
    .await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let state = match (row.is_attached, row.is_pending) {
                (true, true) => State::Detaching,
                (true, false) => State::Attached,
                (false, _) => State::Detached,
            };
            Some((Partition::named(&row.name)?, state))
        })
        .collect())
}

/// A new partition locks its parent for a moment; rather than let everybody queue behind a long reader, the run fails and the
/// next one tries again.
async fn create_missing(owner: &mut PgConnection, first: Date, days: u32) -> sqlx::Result<i32> {
    let mut tx = owner.begin().await?;
    sqlx::raw_sql("set local lock_timeout = '5s'").execute(&mut *tx).await?;
    let created = sqlx::query_scalar!(
        r#"select metrics_create_partitions($1::text::date, $2) as "created!""#,
        first.to_string(),
        days as i32,
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(created)
}

async fn finish_detach(owner: &mut PgConnection, partition: Partition) -> sqlx::Result<()> {
    run(owner, format!("alter table public.metrics detach partition public.{partition} finalize")).await
}

async fn detach(owner: &mut PgConnection, partition: Partition) -> sqlx::Result<()> {
    run(owner, format!("alter table public.metrics detach partition public.{partition} concurrently")).await
}

async fn attach(owner: &mut PgConnection, partition: Partition) -> sqlx::Result<()> {
    let (from, to) = (partition.0, partition.0.saturating_add(1.day()));
    let bounds = format!("from ('{from} 00:00:00+00') to ('{to} 00:00:00+00')");
    run(owner, format!("alter table public.metrics attach partition public.{partition} for values {bounds}")).await
}

async fn drop_detached(owner: &mut PgConnection, partition: Partition) -> sqlx::Result<()> {
    run(owner, format!("drop table public.{partition}")).await
}

/// Runs one statement as a simple query: `concurrently` must not meet the transaction that a prepared one may bring.
async fn run(owner: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    // identifiers cannot be bound; those in here are made of dates by `Partition`
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(owner).await?;
    Ok(())
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

    #[test]
    fn only_names_of_days_are_partitions() {
        let partition = Partition::named("metrics_20260228").unwrap();
        assert_eq!(partition.to_string(), "metrics_20260228");
        for name in [
            "metrics",
            "metrics_2026022",
            "metrics_20260230",
            "metrics_2026022x",
            "metrics_20260228; drop",
            "x_20260228",
        ] {
            assert_eq!(Partition::named(name), None, "{name}");
        }
    }
}
