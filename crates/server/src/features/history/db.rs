//! SQL of the tables `history_*`. Which of several agents there are is read from `agents` (agents), and `metrics` is rolled up and
//! purged (metrics).

use std::collections::HashMap;

use gururmm_ids::AgentId;
use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::Retention;
use super::model::{Aggregate, HistoryDisk, HistoryPoint, Range, Sparkline};
use super::step::Step;
use crate::platform::auth::OrgScope;
use crate::platform::time::Time;

/// The steps of a range in which something was measured, the oldest first. Hours that are not over yet are made of their minutes,
/// quarters of days of their hours.
pub(super) async fn points(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agent_id: AgentId,
    range: Range,
) -> sqlx::Result<Vec<HistoryPoint>> {
    let borders = borders(tx, range).await?;
    let mut disks = disks(tx, scope, agent_id, range, borders).await?;
    let rows = sqlx::query!(
        r#"with parts as (
               select begins_at, samples, cpu_min, cpu_avg, cpu_max, cpu_p95, load_1_min, load_1_avg, load_1_max, load_1_p95, memory_min,
                      memory_avg, memory_max, memory_p95, swap_min, swap_avg, swap_max, swap_p95, rx_min, rx_avg, rx_max, rx_p95, tx_min,
                      tx_avg, tx_max, tx_p95, memory_total, swap_total
                   from history_6h where org_id = $1 and agent_id = $2 and begins_at >= $3::timestamptz and begins_at < $5::timestamptz
               union all
               select begins_at, samples, cpu_min, cpu_avg, cpu_max, cpu_p95, load_1_min, load_1_avg, load_1_max, load_1_p95, memory_min,
                      memory_avg, memory_max, memory_p95, swap_min, swap_avg, swap_max, swap_p95, rx_min, rx_avg, rx_max, rx_p95, tx_min,
                      tx_avg, tx_max, tx_p95, memory_total, swap_total
                   from history_1h where org_id = $1 and agent_id = $2 and begins_at >= $5 and begins_at < $6::timestamptz
               union all
               select begins_at, samples, cpu_min, cpu_avg, cpu_max, cpu_p95, load_1_min, load_1_avg, load_1_max, load_1_p95, memory_min,
                      memory_avg, memory_max, memory_p95, swap_min, swap_avg, swap_max, swap_p95, rx_min, rx_avg, rx_max, rx_p95, tx_min,
                      tx_avg, tx_max, tx_p95, memory_total, swap_total
                   from history_5m where org_id = $1 and agent_id = $2 and begins_at >= $6 and begins_at < $4::timestamptz
           )
           select date_bin(make_interval(secs => $7), begins_at, 'epoch') as "begins_at!: Time", sum(samples)::bigint as "samples!",
                  array[min(cpu_min), sum(cpu_avg * samples) / sum(samples), max(cpu_max), max(cpu_p95)]::real[] as "cpu!: Vec<f32>",
                  case when max(load_1_max) is not null then
                      array[min(load_1_min), sum(load_1_avg * samples) / sum(samples) filter (where load_1_avg is not null),
                            max(load_1_max), max(load_1_p95)]::real[] end as "load: Vec<f32>",
                  array[min(memory_min), sum(memory_avg * samples) / sum(samples), max(memory_max), max(memory_p95)]::real[] as "memory!: Vec<f32>",
                  array[min(swap_min), sum(swap_avg * samples) / sum(samples), max(swap_max), max(swap_p95)]::real[] as "swap!: Vec<f32>",
                  array[min(rx_min), sum(rx_avg * samples) / sum(samples), max(rx_max), max(rx_p95)]::real[] as "rx!: Vec<f32>",
                  array[min(tx_min), sum(tx_avg * samples) / sum(samples), max(tx_max), max(tx_p95)]::real[] as "tx!: Vec<f32>",
                  max(memory_total) as "memory_total!", max(swap_total) as "swap_total!"
               from parts group by 1 order by 1"#,
        scope.org_id as _,
        agent_id as _,
        Time(range.from) as _,
        Time(range.to) as _,
        Time(borders.quarters) as _,
        Time(borders.hours) as _,
        f64::from(range.step_seconds),
    )
    .fetch_all(tx)
    .await?;
    let points = rows.into_iter().map(|row| HistoryPoint {
        begins_at: row.begins_at,
        samples: row.samples,
        cpu_percent: Aggregate::of(&row.cpu),
        load_1: row.load.as_deref().map(Aggregate::of),
        memory_used_bytes: Aggregate::of(&row.memory),
        memory_total_bytes: row.memory_total,
        swap_used_bytes: Aggregate::of(&row.swap),
        swap_total_bytes: row.swap_total,
        network_rx_bytes_per_second: Aggregate::of(&row.rx),
        network_tx_bytes_per_second: Aggregate::of(&row.tx),
        disks: disks.remove(&row.begins_at.0).unwrap_or_default(),
    });
    Ok(points.collect())
}

/// Up to when quarters of days serve, and after them hours; what is newer is read from the 5 minutes.
#[derive(Clone, Copy)]
struct Borders {
    quarters: Timestamp,
    hours: Timestamp,
}

async fn borders(tx: &mut PgConnection, range: Range) -> sqlx::Result<Borders> {
    if range.step == Step::FIVE_MINUTES {
        return Ok(Borders { quarters: range.from, hours: range.from });
    }
    let rolled = sqlx::query_scalar!(r#"select history_rolled_until($1) as "until: Time""#, Step::HOUR.seconds);
    let rolled = rolled.fetch_one(tx).await?.map_or(range.from, |until| until.0);
    let hours = rolled.min(range.to).max(range.from);
    let quarters = if range.step == Step::QUARTER { Step::QUARTER.floor(hours).max(range.from) } else { range.from };
    Ok(Borders { quarters, hours })
}

async fn disks(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agent_id: AgentId,
    range: Range,
    borders: Borders,
) -> sqlx::Result<HashMap<Timestamp, Vec<HistoryDisk>>> {
    let rows = sqlx::query!(
        r#"with parts as (
               select begins_at, samples, disks
                   from history_6h where org_id = $1 and agent_id = $2 and begins_at >= $3::timestamptz and begins_at < $5::timestamptz
               union all
               select begins_at, samples, disks
                   from history_1h where org_id = $1 and agent_id = $2 and begins_at >= $5 and begins_at < $6::timestamptz
               union all
               select begins_at, samples, disks
                   from history_5m where org_id = $1 and agent_id = $2 and begins_at >= $6 and begins_at < $4::timestamptz
           )
           select date_bin(make_interval(secs => $7), begins_at, 'epoch') as "begins_at!: Time", d.mount as "mount!",
                  array[min(d.min), sum(d.avg::double precision * samples) / sum(samples), max(d.max), max(d.p95)]::real[] as "used!: Vec<f32>",
                  max(d.total) as "total!"
               from parts cross join unnest(disks) as d
               group by 1, 2 order by 1, 2"#,
        scope.org_id as _,
        agent_id as _,
        Time(range.from) as _,
        Time(range.to) as _,
        Time(borders.quarters) as _,
        Time(borders.hours) as _,
        f64::from(range.step_seconds),
    )
    .fetch_all(tx)
    .await?;
    let mut disks: HashMap<Timestamp, Vec<HistoryDisk>> = HashMap::new();
    for row in rows {
        let disk = HistoryDisk { mount: row.mount, used_bytes: Aggregate::of(&row.used), total_bytes: row.total };
        disks.entry(row.begins_at.0).or_default().push(disk);
    }
    Ok(disks)
}

/// The use of the processors of these agents in `steps` spans of 5 minutes from `from` on. Unknown agents are left out.
pub(super) async fn sparklines(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agents: &[Uuid],
    from: Timestamp,
    steps: usize,
) -> sqlx::Result<Vec<Sparkline>> {
    let rows = sqlx::query!(
        r#"select a.id as "agent_id!: AgentId", h.begins_at as "begins_at?: Time", h.cpu_avg as "cpu?"
           from agents a left join history_5m h on h.org_id = $1 and h.agent_id = a.id and h.begins_at >= $3
           where a.org_id = $1 and a.id = any($2) order by a.id"#,
        scope.org_id as _,
        agents,
        Time(from) as _,
    )
    .fetch_all(tx)
    .await?;
    let mut lines: Vec<Sparkline> = Vec::new();
    for row in rows {
        if lines.last().is_none_or(|line| line.agent_id != row.agent_id) {
            lines.push(Sparkline { agent_id: row.agent_id, cpu_percent: vec![None; steps] });
        }
        let (Some(line), Some(begins_at)) = (lines.last_mut(), row.begins_at) else { continue };
        let place = begins_at.0.duration_since(from).as_secs() / i64::from(Step::FIVE_MINUTES.seconds);
        if let Some(slot) = usize::try_from(place).ok().and_then(|place| line.cpu_percent.get_mut(place)) {
            *slot = row.cpu;
        }
    }
    Ok(lines)
}

/// What is kept of the organisation: what it wishes, as far as its limit allows; nothing when that is left to the server.
pub(super) async fn retention(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Option<Retention>> {
    let row = sqlx::query!(
        r#"select least(r.measurements_days, o.retention_days_max) as "measurements_days!",
                  least(r.five_minutes_days, o.retention_days_max) as "five_minutes_days!", least(r.hours_days, o.retention_days_max) as "hours_days!"
           from organisations o left join history_retention r on r.org_id = o.id
           where o.id = $1 and (r.org_id is not null or o.retention_days_max is not null)"#,
        scope.org_id as _,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Retention {
        measurements_days: row.measurements_days.unsigned_abs(),
        five_minutes_days: row.five_minutes_days.unsigned_abs(),
        hours_days: row.hours_days.unsigned_abs(),
    }))
}

/// The organisation's limit of all of them, days.
pub(super) async fn days_max(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Option<u32>> {
    let days = sqlx::query_scalar!("select retention_days_max from organisations where id = $1", scope.org_id as _);
    Ok(days.fetch_one(tx).await?.map(i32::unsigned_abs))
}

/// Sets what the organisation wishes to keep.
pub(super) async fn set_retention(
    tx: &mut PgConnection,
    scope: &OrgScope,
    kept: Retention,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into history_retention (org_id, measurements_days, five_minutes_days, hours_days, updated_at) values ($1, $2, $3, $4, $5)
             on conflict (org_id) do update set measurements_days = $2, five_minutes_days = $3, hours_days = $4, updated_at = $5",
        scope.org_id as _,
        kept.measurements_days.cast_signed(),
        kept.five_minutes_days.cast_signed(),
        kept.hours_days.cast_signed(),
        Time(now) as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Before the first run: everything that was measured is still to be rolled up, or all from `until` on.
pub(super) async fn begin_marks(owner: &mut PgConnection, step: Step, until: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into history_marks (step_seconds, closed_until, rolled_until)
             select $1, first.at, first.at
                 from (select date_bin(make_interval(secs => $1::integer), least((select min(recorded_at) from metrics), $2), 'epoch') as at
                           where not exists (select from history_marks where step_seconds = $1)) first
             on conflict do nothing",
        step.seconds,
        Time(until) as _,
    )
    .execute(owner)
    .await?;
    Ok(())
}

/// From here on, who stores a measurement of before `until` makes its span due.
pub(super) async fn close(owner: &mut PgConnection, step: Step, until: Timestamp) -> sqlx::Result<()> {
    sqlx::query!("select history_close($1, $2) as done", step.seconds, Time(until) as _).fetch_one(owner).await?;
    Ok(())
}

/// Rolls up the next `chunk` of what is closed; whether there was any.
pub(super) async fn roll_up_next(owner: &mut PgConnection, step: Step, chunk: SignedDuration) -> sqlx::Result<bool> {
    let mut tx = owner.begin().await?;
    let mark = sqlx::query!(
        r#"select rolled_until as "rolled: Time", closed_until as "closed: Time" from history_marks where step_seconds = $1 for update"#,
        step.seconds,
    )
    .fetch_one(&mut *tx)
    .await?;
    let (from, closed) = (mark.rolled.0, mark.closed.0);
    if from >= closed {
        return Ok(false);
    }
    let to = Time(from.saturating_add(chunk).unwrap_or(closed).min(closed));
    sqlx::query!("select history_roll_up($1, $2, $3, null, null)", step.seconds, Time(from) as _, to as _)
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query!("update history_marks set rolled_until = $2 where step_seconds = $1", step.seconds, to as _)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// Rolls up anew at most `limit` spans to which nothing more comes; says how many.
pub(super) async fn roll_up_due(owner: &mut PgConnection, step: Step, limit: i32, now: Timestamp) -> sqlx::Result<i32> {
    sqlx::query_scalar!(r#"select history_roll_up_due($1, $2, $3) as "count!""#, step.seconds, limit, Time(now) as _)
        .fetch_one(owner)
        .await
}

/// Deletes what is past the retention of its organisation: of the measurements whole hours, and none that is to be rolled up yet.
pub(super) async fn purge(owner: &mut PgConnection, now: Timestamp) -> sqlx::Result<u64> {
    let now = Time(now);
    let metrics = sqlx::query!(
        "delete from metrics m using agents a join history_kept r using (org_id)
             where m.agent_id = a.id
               and m.recorded_at < date_bin('1 hour', $1::timestamptz - make_interval(days => r.measurements_days), 'epoch')
               and not exists (select from history_due d where d.agent_id = m.agent_id and d.step_seconds = 3600
                                   and d.begins_at = date_bin('1 hour', m.recorded_at, 'epoch'))",
        now as _,
    );
    let mut rows = metrics.execute(&mut *owner).await?.rows_affected();
    let five_minutes = sqlx::query!(
        "delete from history_5m h using agents a join history_kept r using (org_id)
             where h.agent_id = a.id and h.begins_at < $1::timestamptz - make_interval(days => r.five_minutes_days)",
        now as _,
    );
    rows += five_minutes.execute(&mut *owner).await?.rows_affected();
    let hours = sqlx::query!(
        "delete from history_1h h using agents a join history_kept r using (org_id)
             where h.agent_id = a.id and h.begins_at < $1::timestamptz - make_interval(days => r.hours_days)",
        now as _,
    );
    rows += hours.execute(&mut *owner).await?.rows_affected();
    let quarters = sqlx::query!(
        "delete from history_6h h using agents a join history_kept r using (org_id)
             where h.agent_id = a.id and h.begins_at < $1::timestamptz - make_interval(days => r.hours_days)",
        now as _,
    );
    rows += quarters.execute(owner).await?.rows_affected();
    Ok(rows)
}
