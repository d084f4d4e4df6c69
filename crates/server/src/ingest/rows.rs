//! Records as rows.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use gururmm_ids::{AgentId, CommandId};
use gururmm_protocol::command::{Outcome, Stream};
use gururmm_protocol::limits::OUTPUT_MAX;
use gururmm_protocol::metrics::Metrics;
use gururmm_protocol::network::NetworkState;
use gururmm_protocol::record::{Body, CommandResult, Output};
use jiff::Timestamp;

use super::queue::Item;
use crate::features::metrics::clamp;
use crate::features::network::Interface;
use crate::gateway::Connection;

/// A batch, sorted by table.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    pub(super) metrics: Vec<MetricsRow<'a>>,
    pub(super) networks: Vec<NetworkRow<'a>>,
    pub(super) started: Vec<StartedRow<'a>>,
    pub(super) outputs: Vec<OutputRow<'a>>,
    pub(super) results: Vec<ResultRow<'a>>,
}

#[derive(Debug)]
pub(super) struct MetricsRow<'a> {
    pub(super) connection: &'a Arc<Connection>,
    pub(super) recorded_at: Timestamp,
    pub(super) cpu_percent: f32,
    pub(super) memory_percent: f32,
    pub(super) disk_percent: Option<f32>,
    pub(super) metrics: &'a Metrics,
}

#[derive(Debug)]
pub(super) struct NetworkRow<'a> {
    pub(super) connection: &'a Arc<Connection>,
    pub(super) recorded_at: Timestamp,
    pub(super) interfaces: Vec<Interface>,
    pub(super) wan_address: Option<IpAddr>,
}

#[derive(Debug)]
pub(super) struct StartedRow<'a> {
    pub(super) connection: &'a Arc<Connection>,
    pub(super) command_id: CommandId,
    pub(super) started_at: Timestamp,
}

#[derive(Debug)]
pub(super) struct OutputRow<'a> {
    pub(super) connection: &'a Arc<Connection>,
    pub(super) command_id: CommandId,
    pub(super) stream: Stream,
    pub(super) offset: i64,
    pub(super) recorded_at: Timestamp,
    pub(super) data: &'a [u8],
}

#[derive(Debug)]
pub(super) struct ResultRow<'a> {
    pub(super) connection: &'a Arc<Connection>,
    pub(super) command_id: CommandId,
    pub(super) status: &'static str,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<&'a str>,
    pub(super) stdout_bytes: i64,
    pub(super) stderr_bytes: i64,
    pub(super) finished_at: Timestamp,
}

impl<'a> Rows<'a> {
    /// Adds a record's row. Its time is clamped: measurements older than the retention are dropped, times in the future become now.
    pub(super) fn add(&mut self, item: &'a Item, now: Timestamp, retention_days: u32) {
        let connection = &item.connection;
        let at = clamp(item.record.recorded_at, now, retention_days);
        match &item.record.body {
            Body::Metrics(metrics) => {
                if let Some(recorded_at) = at {
                    self.metrics.push(metrics_row(connection, whole_second(recorded_at), metrics));
                }
            }
            Body::CommandStarted { command_id } => {
                self.started.push(StartedRow { connection, command_id: *command_id, started_at: at.unwrap_or(now) });
            }
            Body::CommandOutput(output) => self.outputs.extend(output_row(connection, at.unwrap_or(now), output)),
            Body::CommandResult(result) => self.results.push(result_row(connection, at.unwrap_or(now), result)),
            Body::NetworkState(state) => self.networks.push(network_row(connection, at.unwrap_or(now), state)),
            Body::Unknown => {}
        }
    }

    /// The newest measurement of each agent, in order of id.
    pub(super) fn newest_metrics(&self) -> Vec<&MetricsRow<'a>> {
        let mut newest: BTreeMap<AgentId, &MetricsRow<'a>> = BTreeMap::new();
        for row in &self.metrics {
            let place = newest.entry(row.connection.agent_id).or_insert(row);
            if row.recorded_at >= place.recorded_at {
                *place = row;
            }
        }
        newest.into_values().collect()
    }
}

/// The second that a time lies in: a machine has one measurement in each.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_millisecond().div_euclid(1_000)).unwrap_or(at)
}

fn metrics_row<'a>(connection: &'a Arc<Connection>, recorded_at: Timestamp, metrics: &'a Metrics) -> MetricsRow<'a> {
    MetricsRow {
        connection,
        recorded_at,
        cpu_percent: metrics.cpu_percent,
        memory_percent: percent(metrics.memory_used_bytes, metrics.memory_total_bytes).unwrap_or(0.0),
        disk_percent: metrics
            .disks
            .iter()
            .filter_map(|disk| percent(disk.used_bytes, disk.total_bytes))
            .reduce(f32::max),
        metrics,
    }
}

fn network_row<'a>(connection: &'a Arc<Connection>, recorded_at: Timestamp, state: &NetworkState) -> NetworkRow<'a> {
    NetworkRow {
        connection,
        recorded_at,
        interfaces: state.interfaces.iter().map(Interface::from).collect(),
        wan_address: state.wan_address,
    }
}

fn output_row<'a>(
    connection: &'a Arc<Connection>,
    recorded_at: Timestamp,
    output: &'a Output,
) -> Option<OutputRow<'a>> {
    let room = OUTPUT_MAX.checked_sub(output.offset)?;
    let length = output.data.len().min(usize::try_from(room).unwrap_or(usize::MAX));
    (length > 0).then(|| OutputRow {
        connection,
        command_id: output.command_id,
        stream: output.stream,
        offset: bigint(output.offset),
        recorded_at,
        data: &output.data[..length],
    })
}

fn result_row<'a>(connection: &'a Arc<Connection>, finished_at: Timestamp, result: &'a CommandResult) -> ResultRow<'a> {
    ResultRow {
        connection,
        command_id: result.command_id,
        status: status(result.outcome),
        exit_code: result.exit_code,
        reason: result.reason.as_deref(),
        stdout_bytes: bigint(result.stdout_bytes),
        stderr_bytes: bigint(result.stderr_bytes),
        finished_at,
    }
}

const fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::Failed => "failed",
        Outcome::Timeout => "timeout",
        Outcome::Cancelled => "cancelled",
        Outcome::Interrupted => "interrupted",
        Outcome::Expired => "expired",
    }
}

/// A number PostgreSQL takes: what does not fit becomes the largest that does.
pub(super) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn percent(used: u64, total: u64) -> Option<f32> {
    (total > 0).then(|| (used as f64 / total as f64 * 100.0).clamp(0.0, 100.0) as f32)
}
