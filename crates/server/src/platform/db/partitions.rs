//! Tables with one partition for each day or month (UTC).
//!
//! A partition is named after the day or month it holds (`metrics_20260131`, `history_1h_202601`) and goes in three steps, each of
//! which may be where the server was stopped: it is being detached (`inhdetachpending`), it is detached and a table of its own, it
//! is dropped. Every run begins by finishing what it finds in between. Detaching waits for readers instead of stopping them
//! (`concurrently`), which PostgreSQL allows only outside a transaction.

use std::fmt;

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// How much one partition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A day.
    Day,
    /// A month.
    Month,
}

/// A table that is partitioned by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionedTable {
    name: &'static str,
    unit: Unit,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionReport {
    /// Partitions that were missing.
    pub created: i32,
    /// Partitions that are gone, by name.
    pub dropped: Vec<String>,
    /// Partitions that were detached although their time is kept (the clock had been wrong), by name.
    pub attached: Vec<String>,
}

impl PartitionedTable {
    /// The table `name`, a lower-case identifier.
    pub const fn new(name: &'static str, unit: Unit) -> Self {
        Self { name, unit }
    }

    /// Every day from `first` to `last` has a partition afterwards. One of a time before `kept_from` is not brought back.
    pub async fn make(
        self,
        owner: &mut PgConnection,
        first: Date,
        last: Date,
        kept_from: Date,
    ) -> sqlx::Result<PartitionReport> {
        let created = self.create_missing(owner, first, last).await?;
        let mut report = PartitionReport { created, ..PartitionReport::default() };
        for (partition, state) in self.partitions(owner).await? {
            if state == State::Attached || partition.end() <= kept_from {
                continue;
            }
            if state == State::Detaching {
                partition.finish_detach(owner).await?;
            }
            partition.attach(owner).await?;
            report.attached.push(partition.to_string());
        }
        Ok(report)
    }

    /// Drops what holds nothing of `kept_from` or later; names what is gone.
    pub async fn drop_before(self, owner: &mut PgConnection, kept_from: Date) -> sqlx::Result<Vec<String>> {
        let mut dropped = Vec::new();
        let partitions = self.partitions(owner).await?;
        for (partition, state) in partitions.into_iter().filter(|(partition, _)| partition.end() <= kept_from) {
            match state {
                State::Attached => partition.detach(owner).await?,
                State::Detaching => partition.finish_detach(owner).await?,
                State::Detached => {}
            }
            partition.drop_detached(owner).await?;
            dropped.push(partition.to_string());
        }
        Ok(dropped)
    }

    /// A new partition locks its parent for a moment; rather than let everybody queue behind a long reader, the run fails and the
    /// next one tries again.
    async fn create_missing(self, owner: &mut PgConnection, first: Date, last: Date) -> sqlx::Result<i32> {
        let mut tx = owner.begin().await?;
        sqlx::raw_sql("set local lock_timeout = '5s'").execute(&mut *tx).await?;
        let created = sqlx::query_scalar!(
            r#"select partitions_create($1, $2, $3::text::date, $4::text::date) as "created!""#,
            self.name,
            self.unit.as_str(),
            first.to_string(),
            last.to_string(),
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(created)
    }

    /// Tables that are or were partitions, the oldest first.
    async fn partitions(self, owner: &mut PgConnection) -> sqlx::Result<Vec<(Partition, State)>> {
        let rows = sqlx::query!(
            r#"select c.relname::text as "name!", i.inhrelid is not null as "is_attached!", coalesce(i.inhdetachpending, false) as "is_pending!"
               from pg_class c left join pg_inherits i on i.inhrelid = c.oid and i.inhparent = ('public.' || $1)::regclass
               where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and starts_with(c.relname, $1 || '_') order by c.relname"#,
            self.name,
        )
        .fetch_all(owner)
        .await?;
        let state = |is_attached, is_pending| match (is_attached, is_pending) {
            (true, true) => State::Detaching,
            (true, false) => State::Attached,
            (false, _) => State::Detached,
        };
        let known =
            rows.iter().filter_map(|row| Some((self.named(&row.name)?, state(row.is_attached, row.is_pending))));
        Ok(known.collect())
    }

    fn named(self, name: &str) -> Option<Partition> {
        let digits = name.strip_prefix(self.name)?.strip_prefix('_')?;
        if digits.len() != self.unit.digits() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<i8>().ok());
        let day = if self.unit == Unit::Day { number(6..8)? } else { 1 };
        let start = Date::new(digits.get(..4)?.parse().ok()?, number(4..6)?, day).ok()?;
        Some(Partition { table: self, start })
    }
}

impl Unit {
    /// PostgreSQL's name.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    const fn digits(self) -> usize {
        match self {
            Self::Day => 8,
            Self::Month => 6,
        }
    }

    fn span(self) -> Span {
        match self {
            Self::Day => 1.day(),
            Self::Month => 1.month(),
        }
    }
}

/// One partition. Its name is made of a literal and a date, so it is safe in a statement whatever the catalogue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Partition {
    table: PartitionedTable,
    start: Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Attached,
    Detaching,
    Detached,
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{:04}{:02}", self.table.name, self.start.year(), self.start.month())?;
        if self.table.unit == Unit::Day { write!(f, "{:02}", self.start.day()) } else { Ok(()) }
    }
}

impl Partition {
    /// The day after its last one.
    fn end(self) -> Date {
        self.start.saturating_add(self.table.unit.span())
    }

    async fn finish_detach(self, owner: &mut PgConnection) -> sqlx::Result<()> {
        run(owner, format!("alter table public.{} detach partition public.{self} finalize", self.table.name)).await
    }

    async fn detach(self, owner: &mut PgConnection) -> sqlx::Result<()> {
        run(owner, format!("alter table public.{} detach partition public.{self} concurrently", self.table.name)).await
    }

    async fn attach(self, owner: &mut PgConnection) -> sqlx::Result<()> {
        let bounds = format!("from ('{} 00:00:00+00') to ('{} 00:00:00+00')", self.start, self.end());
        let table = self.table.name;
        run(owner, format!("alter table public.{table} attach partition public.{self} for values {bounds}")).await
    }

    async fn drop_detached(self, owner: &mut PgConnection) -> sqlx::Result<()> {
        run(owner, format!("drop table public.{self}")).await
    }
}

/// Runs one statement as a simple query: `concurrently` must not meet the transaction that a prepared one may bring.
async fn run(owner: &mut PgConnection, statement: String) -> sqlx::Result<()> {
    // identifiers cannot be bound; those in here are literals and dates
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(owner).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAILY: PartitionedTable = PartitionedTable::new("metrics", Unit::Day);
    const MONTHLY: PartitionedTable = PartitionedTable::new("history_1h", Unit::Month);

    #[test]
    fn only_names_of_days_and_months_are_partitions() {
        let day = DAILY.named("metrics_20260228").unwrap();
        assert_eq!((day.to_string().as_str(), day.end().to_string().as_str()), ("metrics_20260228", "2026-03-01"));
        let month = MONTHLY.named("history_1h_202612").unwrap();
        assert_eq!((month.to_string().as_str(), month.end().to_string().as_str()), ("history_1h_202612", "2027-01-01"));
        for name in [
            "metrics",
            "metrics_2026022",
            "metrics_20260230",
            "metrics_2026022x",
            "metrics_20260228; drop",
            "metrics_202602",
            "x_20260228",
        ] {
            assert_eq!(DAILY.named(name), None, "{name}");
        }
        for name in ["history_1h", "history_1h_202613", "history_1h_20260101", "history_5m_202601"] {
            assert_eq!(MONTHLY.named(name), None, "{name}");
        }
    }
}
