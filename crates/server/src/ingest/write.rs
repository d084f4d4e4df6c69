//! One batch, one transaction.

use std::collections::{BTreeMap, HashMap};

use gururmm_ids::{AgentId, CommandId, CommandRunId};
use gururmm_protocol::limits::OUTPUT_MAX;
use jiff::Timestamp;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::queue::Item;
use super::rows::{MetricsRow, NetworkRow, Rows, bigint};
use crate::features::network::Interface;
use crate::platform::db::Db;
use crate::platform::time::Time;

/// What a batch changed.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) started: Changed,
    pub(super) ended: Changed,
}

/// Commands that changed, with the runs that they belong to.
pub(super) type Changed = HashMap<CommandId, Option<CommandRunId>>;

/// Writes what is new among `items` (at most one spool per agent) and moves the agents' marks.
pub(super) async fn write<'a>(
    db: &Db,
    items: &[&'a Item],
    now: Timestamp,
    retention_days: u32,
) -> sqlx::Result<(Rows<'a>, Written)> {
    let mut tx = db.begin_batch().await?;
    let marks = lock_marks(&mut tx, items).await?;
    let mut highest: BTreeMap<AgentId, u64> = BTreeMap::new();
    let mut rows = Rows::default();
    for &item in items {
        let agent_id = item.connection.agent_id;
        // an agent without mark was removed
        let Some(&mark) = marks.get(&agent_id) else { continue };
        let seen = highest.entry(agent_id).or_insert(mark);
        if item.record.sequence > *seen {
            *seen = item.record.sequence;
            rows.add(item, now, retention_days);
        }
    }
    let written = write_rows(&mut tx, &rows, now).await?;
    let (agents, sequences): (Vec<Uuid>, Vec<i64>) =
        highest.iter().map(|(id, sequence)| (id.as_uuid(), bigint(*sequence))).unzip();
    sqlx::query!("select ingest_move_marks($1, $2) as done", &agents, &sequences).fetch_one(&mut *tx).await?;
    tx.commit().await?;
    Ok((rows, written))
}

/// What an error says about the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The database refuses the data, today and tomorrow.
    Data,
    /// A day has no partition: nothing is wrong with the records.
    NoPartition,
    /// The database is away, or busy.
    Away,
}

/// Whose fault an error is.
pub(super) fn fault(error: &sqlx::Error) -> Fault {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            match (&*code, database.constraint()) {
                // a check violation without a check: "no partition of relation … found for row"
                ("23514", None) => Fault::NoPartition,
                (code, _) if code.starts_with("22") || code.starts_with("23") => Fault::Data,
                _ => Fault::Away,
            }
        }
        sqlx::Error::Encode(_) => Fault::Data,
        _ => Fault::Away,
    }
}

async fn lock_marks(tx: &mut PgConnection, items: &[&Item]) -> sqlx::Result<HashMap<AgentId, u64>> {
    let spools: BTreeMap<_, _> = items.iter().map(|item| (item.connection.agent_id, item.spool_id)).collect();
    let (agents, spools): (Vec<Uuid>, Vec<Uuid>) =
        spools.iter().map(|(agent, spool)| (agent.as_uuid(), spool.as_uuid())).unzip();
    let marks = sqlx::query!(
        r#"select agent_id as "agent_id!: AgentId", sequence as "sequence!" from ingest_lock($1, $2)"#,
        &agents,
        &spools
    )
    .fetch_all(tx)
    .await?;
    Ok(marks.into_iter().map(|mark| (mark.agent_id, u64::try_from(mark.sequence).unwrap_or(0))).collect())
}

async fn write_rows(tx: &mut PgConnection, rows: &Rows<'_>, now: Timestamp) -> sqlx::Result<Written> {
    let mut written = Written::default();
    if !rows.metrics.is_empty() {
        write_metrics(tx, &rows.metrics, now).await?;
        write_presence(tx, &rows.newest_metrics(), now).await?;
    }
    if !rows.networks.is_empty() {
        write_networks(tx, &rows.networks).await?;
    }
    if !rows.started.is_empty() {
        written.started = write_started(tx, rows).await?;
    }
    if !rows.outputs.is_empty() {
        write_outputs(tx, rows).await?;
    }
    if !rows.results.is_empty() {
        written.ended = write_results(tx, rows).await?;
    }
    Ok(written)
}

async fn write_metrics(tx: &mut PgConnection, rows: &[MetricsRow<'_>], now: Timestamp) -> sqlx::Result<()> {
    let column = |value: fn(&MetricsRow<'_>) -> u64| rows.iter().map(|row| bigint(value(row))).collect::<Vec<i64>>();
    let agents: Vec<Uuid> = rows.iter().map(|row| row.connection.agent_id.as_uuid()).collect();
    let times: Vec<Time> = rows.iter().map(|row| Time(row.recorded_at)).collect();
    let intervals: Vec<f32> = rows.iter().map(|row| row.metrics.interval_seconds as f32).collect();
    let cpu: Vec<f32> = rows.iter().map(|row| row.cpu_percent).collect();
    let load: Vec<Option<f32>> = rows.iter().map(|row| row.metrics.load.map(|load| load[0] as f32)).collect();
    let disks: Vec<String> = rows.iter().map(|row| json(&row.metrics.disks)).collect();
    sqlx::query!(
        "select ingest_metrics($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as done",
        &agents,
        &times as _,
        &intervals,
        &cpu,
        &load as _,
        &column(|row| row.metrics.memory_used_bytes),
        &column(|row| row.metrics.memory_total_bytes),
        &column(|row| row.metrics.swap_used_bytes),
        &column(|row| row.metrics.swap_total_bytes),
        &column(|row| row.metrics.network_rx_bytes),
        &column(|row| row.metrics.network_tx_bytes),
        &disks,
        Time(now) as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

async fn write_presence(tx: &mut PgConnection, rows: &[&MetricsRow<'_>], now: Timestamp) -> sqlx::Result<()> {
    let agents: Vec<Uuid> = rows.iter().map(|row| row.connection.agent_id.as_uuid()).collect();
    let times: Vec<Time> = rows.iter().map(|row| Time(row.recorded_at)).collect();
    let cpu: Vec<f32> = rows.iter().map(|row| row.cpu_percent).collect();
    let memory: Vec<f32> = rows.iter().map(|row| row.memory_percent).collect();
    let disk: Vec<Option<f32>> = rows.iter().map(|row| row.disk_percent).collect();
    let uptime: Vec<i64> = rows.iter().map(|row| bigint(row.metrics.uptime_seconds)).collect();
    let idle: Vec<Option<i64>> = rows.iter().map(|row| row.metrics.user_idle_seconds.map(bigint)).collect();
    let users: Vec<Option<&str>> = rows.iter().map(|row| row.metrics.logged_in_user.as_deref()).collect();
    let top_cpu: Vec<String> = rows.iter().map(|row| json(&row.metrics.top_cpu)).collect();
    let top_memory: Vec<String> = rows.iter().map(|row| json(&row.metrics.top_memory)).collect();
    sqlx::query!(
        "select ingest_presence($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as done",
        &agents,
        &times as _,
        &cpu,
        &memory,
        &disk as _,
        &uptime,
        &users as _,
        &idle as _,
        &top_cpu,
        &top_memory,
        Time(now) as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

/// The newest state of each agent; earlier ones of a backlog say nothing any more.
async fn write_networks(tx: &mut PgConnection, rows: &[NetworkRow<'_>]) -> sqlx::Result<()> {
    let newest: BTreeMap<AgentId, &NetworkRow<'_>> = rows.iter().map(|row| (row.connection.agent_id, row)).collect();
    let agents: Vec<Uuid> = newest.keys().map(|id| id.as_uuid()).collect();
    let times: Vec<Time> = newest.values().map(|row| Time(row.recorded_at)).collect();
    let interfaces: Vec<Json<&[Interface]>> = newest.values().map(|row| Json(&*row.interfaces)).collect();
    let wan: Vec<Option<String>> = newest.values().map(|row| row.wan_address.map(|ip| ip.to_string())).collect();
    sqlx::query!(
        "select ingest_network_states($1, $2, $3, $4) as done",
        &agents,
        &times as _,
        &interfaces as _,
        &wan as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

async fn write_started(tx: &mut PgConnection, rows: &Rows<'_>) -> sqlx::Result<Changed> {
    let agents: Vec<Uuid> = rows.started.iter().map(|row| row.connection.agent_id.as_uuid()).collect();
    let commands: Vec<Uuid> = rows.started.iter().map(|row| row.command_id.as_uuid()).collect();
    let times: Vec<Time> = rows.started.iter().map(|row| Time(row.started_at)).collect();
    let changed = sqlx::query!(
        r#"select command_id as "id!: CommandId", run_id as "run_id: CommandRunId" from ingest_commands_started($1, $2, $3)"#,
        &agents,
        &commands,
        &times as _,
    )
    .fetch_all(tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.id, row.run_id)).collect())
}

async fn write_outputs(tx: &mut PgConnection, rows: &Rows<'_>) -> sqlx::Result<()> {
    let agents: Vec<Uuid> = rows.outputs.iter().map(|row| row.connection.agent_id.as_uuid()).collect();
    let commands: Vec<Uuid> = rows.outputs.iter().map(|row| row.command_id.as_uuid()).collect();
    let streams: Vec<String> = rows.outputs.iter().map(|row| row.stream.as_str().to_owned()).collect();
    let offsets: Vec<i64> = rows.outputs.iter().map(|row| row.offset).collect();
    let times: Vec<Time> = rows.outputs.iter().map(|row| Time(row.recorded_at)).collect();
    let data: Vec<Vec<u8>> = rows.outputs.iter().map(|row| row.data.to_vec()).collect();
    sqlx::query!(
        "select ingest_command_output($1, $2, $3, $4, $5, $6) as done",
        &agents,
        &commands,
        &streams,
        &offsets,
        &data,
        &times as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

async fn write_results(tx: &mut PgConnection, rows: &Rows<'_>) -> sqlx::Result<Changed> {
    let agents: Vec<Uuid> = rows.results.iter().map(|row| row.connection.agent_id.as_uuid()).collect();
    let commands: Vec<Uuid> = rows.results.iter().map(|row| row.command_id.as_uuid()).collect();
    let status: Vec<String> = rows.results.iter().map(|row| row.status.to_owned()).collect();
    let exit: Vec<Option<i32>> = rows.results.iter().map(|row| row.exit_code).collect();
    let reasons: Vec<Option<&str>> = rows.results.iter().map(|row| row.reason).collect();
    let stdout: Vec<i64> = rows.results.iter().map(|row| row.stdout_bytes).collect();
    let stderr: Vec<i64> = rows.results.iter().map(|row| row.stderr_bytes).collect();
    let times: Vec<Time> = rows.results.iter().map(|row| Time(row.finished_at)).collect();
    let changed = sqlx::query!(
        r#"select command_id as "id!: CommandId", run_id as "run_id: CommandRunId"
           from ingest_commands_ended($1, $2, $3, $4, $5, $6, $7, $8, $9)"#,
        &agents,
        &commands,
        &status,
        &exit as _,
        &reasons as _,
        &stdout,
        &stderr,
        &times as _,
        bigint(OUTPUT_MAX),
    )
    .fetch_all(tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.id, row.run_id)).collect())
}

fn json<T: serde::Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned())
}
