//! Telling the browsers what came in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gururmm_protocol::limits::OUTPUT_MAX;
use gururmm_protocol::record::Output;

use super::rows::Rows;
use super::write::Written;
use crate::gateway::Connection;
use crate::platform::live::{Live, LiveKind};
use crate::platform::time::Time;

/// Announces output as it arrives, before it is stored, if a person watches. The offset tells repeats apart, and only who watches
/// this command of this agent hears it.
pub fn announce_output(live: &Live, connection: &Connection, output: &Output) {
    if output.offset < OUTPUT_MAX && live.is_watched(connection.org_id, connection.agent_id, output.command_id) {
        let kind = LiveKind::CommandOutput {
            command_id: output.command_id,
            agent_id: connection.agent_id,
            stream: output.stream,
            offset: output.offset,
            data: STANDARD.encode(&output.data).into(),
        };
        live.publish(connection.org_id, kind);
    }
}

/// Announces what a batch has changed, after its commit.
pub(super) fn announce_batch(live: &Live, rows: &Rows<'_>, written: &Written) {
    if !live.has_listeners() {
        return;
    }
    // of a backlog only the newest says something about now
    for row in rows.newest_metrics() {
        let kind = LiveKind::AgentMetrics {
            agent_id: row.connection.agent_id,
            cpu_percent: row.cpu_percent,
            memory_percent: row.memory_percent,
            disk_percent: row.disk_percent,
            recorded_at: Time(row.recorded_at),
        };
        live.publish(row.connection.org_id, kind);
    }
    for row in &rows.networks {
        live.publish(row.connection.org_id, LiveKind::AgentChanged { agent_id: row.connection.agent_id });
    }
    for (row, command_id) in
        rows.started.iter().map(|row| (row.connection, row.command_id)).filter(|(_, id)| written.started.contains(id))
    {
        live.publish(row.org_id, LiveKind::CommandChanged { command_id, agent_id: row.agent_id, status: "running" });
    }
    for row in rows.results.iter().filter(|row| written.ended.contains(&row.command_id)) {
        let kind = LiveKind::CommandChanged {
            command_id: row.command_id,
            agent_id: row.connection.agent_id,
            status: row.status,
        };
        live.publish(row.connection.org_id, kind);
    }
}
