//! Telling the browsers what came in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gururmm_ids::{CommandId, CommandRunId};
use gururmm_protocol::limits::OUTPUT_MAX;
use gururmm_protocol::record::Output;
use jiff::Timestamp;

use super::rows::Rows;
use super::write::Written;
use crate::app::AppState;
use crate::gateway::Connection;
use crate::platform::live::{Live, LiveKind};
use crate::platform::time::Time;

/// Announces output as it arrives, before it is stored, if a person watches. The offset tells repeats apart, and only who watches
/// this command of this agent hears it.
pub fn announce_output(live: &Live, connection: &Connection, recorded_at: Timestamp, output: &Output) {
    if output.offset < OUTPUT_MAX && live.is_watched(connection.org_id, connection.agent_id, output.command_id) {
        let kind = LiveKind::CommandOutput {
            command_id: output.command_id,
            agent_id: connection.agent_id,
            stream: output.stream,
            offset: output.offset,
            recorded_at: Time(recorded_at),
            data: STANDARD.encode(&output.data).into(),
        };
        live.publish(connection.org_id, kind);
    }
}

/// Announces what a batch has changed, after its commit.
pub(super) fn announce_batch(app: &AppState, rows: &Rows<'_>, written: &Written) {
    let of_run =
        |(connection, _, _, run_id): (&Connection, _, _, Option<CommandRunId>)| Some((connection.org_id, run_id?));
    app.touched_runs.add(changed(rows, written).filter_map(of_run));
    if !app.live.has_listeners() {
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
        app.live.publish(row.connection.org_id, kind);
    }
    for row in &rows.networks {
        app.live.publish(row.connection.org_id, LiveKind::AgentChanged { agent_id: row.connection.agent_id });
    }
    for (connection, command_id, status, run_id) in changed(rows, written) {
        // of thousands that run at once nobody hears one by one, but who looks at one
        if run_id.is_none() || app.live.is_watched(connection.org_id, connection.agent_id, command_id) {
            let kind = LiveKind::CommandChanged { command_id, agent_id: connection.agent_id, status };
            app.live.publish(connection.org_id, kind);
        }
    }
}

/// Commands that began or ended: where, which, what they are now, and of which run.
fn changed<'a>(
    rows: &'a Rows<'_>,
    written: &'a Written,
) -> impl Iterator<Item = (&'a Connection, CommandId, &'static str, Option<CommandRunId>)> {
    let started = rows.started.iter().filter_map(|row| {
        let run_id = written.started.get(&row.command_id)?;
        Some((&**row.connection, row.command_id, "running", *run_id))
    });
    let ended = rows.results.iter().filter_map(|row| {
        let run_id = written.ended.get(&row.command_id)?;
        Some((&**row.connection, row.command_id, row.status, *run_id))
    });
    started.chain(ended)
}
