//! Records as rows: everything an agent says is checked and bounded here, so that the database never has to refuse it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use gururmm_ids::{AgentId, CommandId};
use gururmm_protocol::command::{Outcome, Stream};
use gururmm_protocol::limits::{ADDRESSES_MAX, DISKS_MAX, INTERFACES_MAX, OUTPUT_MAX, SHORT_TEXT_MAX, TOP_PROCESSES};
use gururmm_protocol::metrics::{Disk, Metrics, Process};
use gururmm_protocol::network as protocol;
use gururmm_protocol::record::{Body, CommandResult, Output};
use jiff::Timestamp;

use super::queue::Item;
use crate::features::enrolment::facts::clean;
use crate::features::metrics::clamp;
use crate::features::network::Interface;
use crate::gateway::Connection;

const REASON_MAX: usize = 1_000;

/// A hardware address as text.
const MAC_MAX: usize = 17;

/// A batch, sorted by table.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) metrics: Vec<MetricsRow>,
    pub(super) networks: Vec<NetworkRow>,
    pub(super) started: Vec<StartedRow>,
    pub(super) outputs: Vec<OutputRow>,
    pub(super) results: Vec<ResultRow>,
}

#[derive(Debug)]
pub(super) struct MetricsRow {
    pub(super) connection: Arc<Connection>,
    pub(super) recorded_at: Timestamp,
    pub(super) cpu_percent: f32,
    pub(super) memory_percent: f32,
    pub(super) disk_percent: Option<f32>,
    pub(super) metrics: Metrics,
}

#[derive(Debug)]
pub(super) struct NetworkRow {
    pub(super) connection: Arc<Connection>,
    pub(super) recorded_at: Timestamp,
    pub(super) interfaces: Vec<Interface>,
    pub(super) wan_address: Option<IpAddr>,
}

#[derive(Debug)]
pub(super) struct StartedRow {
    pub(super) connection: Arc<Connection>,
    pub(super) command_id: CommandId,
    pub(super) started_at: Timestamp,
}

#[derive(Debug)]
pub(super) struct OutputRow {
    pub(super) connection: Arc<Connection>,
    pub(super) command_id: CommandId,
    pub(super) stream: Stream,
    pub(super) offset: i64,
    pub(super) data: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct ResultRow {
    pub(super) connection: Arc<Connection>,
    pub(super) command_id: CommandId,
    pub(super) status: &'static str,
    pub(super) exit_code: Option<i32>,
    pub(super) reason: Option<String>,
    pub(super) stdout_bytes: i64,
    pub(super) stderr_bytes: i64,
    pub(super) finished_at: Timestamp,
}

impl Rows {
    /// Adds a record's row. Its time is clamped: measurements older than the retention are dropped, times in the future become now.
    pub(super) fn add(&mut self, item: &Item, now: Timestamp, retention_days: u32) {
        let connection = Arc::clone(&item.connection);
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
            Body::CommandOutput(output) => self.outputs.extend(output_row(connection, output)),
            Body::CommandResult(result) => self.results.push(result_row(connection, at.unwrap_or(now), result)),
            Body::NetworkState(state) => self.networks.push(network_row(connection, at.unwrap_or(now), state)),
            Body::Unknown => {}
        }
    }

    /// The newest measurement of each agent, in order of id.
    pub(super) fn newest_metrics(&self) -> Vec<&MetricsRow> {
        let mut newest: BTreeMap<AgentId, &MetricsRow> = BTreeMap::new();
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

fn metrics_row(connection: Arc<Connection>, recorded_at: Timestamp, metrics: &Metrics) -> MetricsRow {
    let short = |text: &str| clean(text, SHORT_TEXT_MAX);
    let process = |process: &Process| Process {
        name: short(&process.name),
        user: process.user.as_deref().map(short),
        cpu_percent: finite(process.cpu_percent, 100_000.0),
        memory_bytes: process.memory_bytes.min(i64::MAX as u64),
        pid: process.pid,
    };
    let bound = |bytes: u64| bytes.min(i64::MAX as u64);
    let disk = |disk: &Disk| Disk {
        mount: short(&disk.mount),
        used_bytes: bound(disk.used_bytes),
        total_bytes: bound(disk.total_bytes),
    };
    let disks: Vec<Disk> = metrics.disks.iter().take(DISKS_MAX).map(disk).collect();
    MetricsRow {
        connection,
        recorded_at,
        cpu_percent: finite(metrics.cpu_percent, 100.0),
        memory_percent: percent(metrics.memory_used_bytes, metrics.memory_total_bytes).unwrap_or(0.0),
        disk_percent: disks.iter().filter_map(|disk| percent(disk.used_bytes, disk.total_bytes)).reduce(f32::max),
        metrics: Metrics {
            interval_seconds: if metrics.interval_seconds.is_finite() {
                metrics.interval_seconds.clamp(0.0, 1e9)
            } else {
                0.0
            },
            load: metrics
                .load
                .filter(|load| load.iter().all(|value| value.is_finite()))
                .map(|load| load.map(|value| value.clamp(0.0, 1e9))),
            logged_in_user: metrics.logged_in_user.as_deref().map(short).filter(|user| !user.is_empty()),
            top_cpu: metrics.top_cpu.iter().take(TOP_PROCESSES).map(process).collect(),
            top_memory: metrics.top_memory.iter().take(TOP_PROCESSES).map(process).collect(),
            disks,
            ..metrics.clone()
        },
    }
}

fn network_row(connection: Arc<Connection>, recorded_at: Timestamp, state: &protocol::NetworkState) -> NetworkRow {
    let interface = |interface: &protocol::Interface| {
        let addresses = interface.addresses.iter().filter(|address| address.is_valid()).take(ADDRESSES_MAX);
        Interface::from(&protocol::Interface {
            name: clean(&interface.name, SHORT_TEXT_MAX),
            mac: interface.mac.as_deref().map(|mac| clean(mac, MAC_MAX)),
            is_up: interface.is_up,
            addresses: addresses.copied().collect(),
        })
    };
    NetworkRow {
        connection,
        recorded_at,
        interfaces: state.interfaces.iter().take(INTERFACES_MAX).map(interface).collect(),
        wan_address: state.wan_address.filter(|address| protocol::is_public(*address)),
    }
}

fn output_row(connection: Arc<Connection>, output: &Output) -> Option<OutputRow> {
    let room = OUTPUT_MAX.checked_sub(output.offset)?;
    let length = output.data.len().min(usize::try_from(room).unwrap_or(usize::MAX));
    (length > 0).then(|| OutputRow {
        connection,
        command_id: output.command_id,
        stream: output.stream,
        offset: bigint(output.offset),
        data: output.data[..length].to_vec(),
    })
}

fn result_row(connection: Arc<Connection>, finished_at: Timestamp, result: &CommandResult) -> ResultRow {
    ResultRow {
        connection,
        command_id: result.command_id,
        status: status(result.outcome),
        exit_code: result.exit_code,
        reason: result.reason.as_deref().map(|reason| clean(reason, REASON_MAX)),
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

fn finite(value: f32, max: f32) -> f32 {
    if value.is_finite() { value.clamp(0.0, max) } else { 0.0 }
}

fn percent(used: u64, total: u64) -> Option<f32> {
    (total > 0).then(|| (used as f64 / total as f64 * 100.0).clamp(0.0, 100.0) as f32)
}
