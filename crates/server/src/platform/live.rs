//! Live events: what changed, told to the browsers that look.
//!
//! A broadcast within the process. Nothing relies on an event: whoever missed some is told to `resync` and reads again.

use gururmm_ids::{AgentId, CommandId, OrgId};
use gururmm_protocol::command::Stream;
use serde::Serialize;
use tokio::sync::broadcast;

use super::time::Time;

const CAPACITY: usize = 4_096;

/// One event of one organisation.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    /// Who may hear of it.
    pub org_id: OrgId,
    /// What happened.
    pub kind: LiveKind,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveKind {
    /// An agent came or went.
    AgentStatus {
        /// Which.
        agent_id: AgentId,
        /// `online` or `offline`.
        status: &'static str,
        /// Last sign of life.
        last_seen_at: Option<Time>,
    },
    /// An agent was enrolled, renamed, moved or removed.
    AgentChanged {
        /// Which.
        agent_id: AgentId,
    },
    /// A new measurement.
    AgentMetrics {
        /// Whose.
        agent_id: AgentId,
        /// Use of all processors, 0 to 100.
        cpu_percent: f32,
        /// Memory in use, 0 to 100.
        memory_percent: f32,
        /// Fullest volume, 0 to 100.
        disk_percent: Option<f32>,
        /// When.
        recorded_at: Time,
    },
    /// A command has another status.
    CommandChanged {
        /// Which.
        command_id: CommandId,
        /// On which machine.
        agent_id: AgentId,
        /// The new status.
        status: &'static str,
    },
    /// A command wrote something; only for those who watch it.
    CommandOutput {
        /// Which.
        command_id: CommandId,
        /// On which machine.
        agent_id: AgentId,
        /// Where to.
        stream: Stream,
        /// Bytes of that stream before these.
        offset: u64,
        /// The bytes, base64.
        data: String,
    },
    /// Clients or sites changed.
    TreeChanged {},
}

impl LiveKind {
    /// The event's name on the stream.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AgentStatus { .. } => "agent_status",
            Self::AgentChanged { .. } => "agent_changed",
            Self::AgentMetrics { .. } => "agent_metrics",
            Self::CommandChanged { .. } => "command_changed",
            Self::CommandOutput { .. } => "command_output",
            Self::TreeChanged {} => "tree_changed",
        }
    }
}

/// Where events are published and heard.
#[derive(Clone, Debug)]
pub struct Live(broadcast::Sender<LiveEvent>);

impl Default for Live {
    fn default() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }
}

impl Live {
    /// Tells whoever listens.
    pub fn publish(&self, org_id: OrgId, kind: LiveKind) {
        if self.0.receiver_count() > 0 {
            self.0.send(LiveEvent { org_id, kind }).ok();
        }
    }

    /// Hears everything from now on; the caller filters by organisation.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.0.subscribe()
    }

    /// Whether anybody listens.
    pub fn has_listeners(&self) -> bool {
        self.0.receiver_count() > 0
    }
}
