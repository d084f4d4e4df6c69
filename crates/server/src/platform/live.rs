//! Live events: what changed, told to the browsers that look.
//!
//! A broadcast within the process. Nothing relies on an event: whoever missed some is told to `resync` and reads again.
//!
//! Each organisation has rings of its own, for as long as somebody there listens: whatever one of them makes happen, the others miss
//! nothing by it. Output, which is large and comes in floods, has a second, shorter ring, is published only while somebody watches
//! its command or machine, and reaches only those who watch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gururmm_ids::{AgentId, CommandId, CommandRunId, OrgId, UserId};
use gururmm_protocol::command::Stream;
use parking_lot::RwLock;
use serde::{Serialize, Serializer};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::auth::Permission;
use super::time::Time;

/// Events that a listener may be behind.
const CHANGES_MAX: usize = 4_096;
/// Pieces of output that a watcher may be behind; what the slowest one has not read stays in memory.
const OUTPUT_MAX: usize = 256;

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
    /// A run of many commands has gone on.
    CommandRunChanged {
        /// Which.
        run_id: CommandRunId,
    },
    /// Everything was stopped, or may start again.
    CommandsStopped {},
    /// The library of scripts changed.
    ScriptsChanged {},
    /// A schedule was made, changed or removed, or has done something.
    SchedulesChanged {},
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
        /// When they were written, as the machine told.
        recorded_at: Time,
        /// The bytes, base64.
        #[serde(serialize_with = "shared_text")]
        data: Arc<str>,
    },
    /// Clients or sites changed.
    TreeChanged {},
    /// People, roles, grants, invitations or API keys changed.
    UsersChanged {},
    /// What somebody may do changed; told to nobody else.
    AccessChanged {
        /// Who.
        user_id: UserId,
    },
    /// A role changed: who has it may do other things.
    RoleChanged {},
}

impl LiveKind {
    /// The event's name on the stream.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AgentStatus { .. } => "agent_status",
            Self::AgentChanged { .. } => "agent_changed",
            Self::AgentMetrics { .. } => "agent_metrics",
            Self::CommandChanged { .. } => "command_changed",
            Self::CommandRunChanged { .. } => "command_run_changed",
            Self::CommandsStopped {} => "commands_stopped",
            Self::ScriptsChanged {} => "scripts_changed",
            Self::SchedulesChanged {} => "schedules_changed",
            Self::CommandOutput { .. } => "command_output",
            Self::TreeChanged {} => "tree_changed",
            Self::UsersChanged {} => "users_changed",
            Self::AccessChanged { .. } | Self::RoleChanged {} => "access_changed",
        }
    }
}

impl LiveKind {
    /// What a listener must hold to hear it; none for what is their own.
    pub const fn permission(&self) -> Option<Permission> {
        match self {
            Self::AgentStatus { .. } | Self::AgentChanged { .. } | Self::AgentMetrics { .. } => {
                Some(Permission::AgentsView)
            }
            Self::CommandChanged { .. }
            | Self::CommandOutput { .. }
            | Self::CommandRunChanged { .. }
            | Self::CommandsStopped {} => Some(Permission::CommandsView),
            Self::TreeChanged {} => Some(Permission::ClientsView),
            Self::ScriptsChanged {} => Some(Permission::ScriptsView),
            Self::SchedulesChanged {} => Some(Permission::SchedulesView),
            Self::UsersChanged {} => Some(Permission::UsersView),
            Self::AccessChanged { .. } | Self::RoleChanged {} => None,
        }
    }

    /// The machine it is about.
    pub const fn agent_id(&self) -> Option<AgentId> {
        match self {
            Self::AgentStatus { agent_id, .. }
            | Self::AgentChanged { agent_id }
            | Self::AgentMetrics { agent_id, .. }
            | Self::CommandChanged { agent_id, .. }
            | Self::CommandOutput { agent_id, .. } => Some(*agent_id),
            Self::TreeChanged {}
            | Self::UsersChanged {}
            | Self::AccessChanged { .. }
            | Self::RoleChanged {}
            | Self::CommandRunChanged { .. }
            | Self::CommandsStopped {}
            | Self::ScriptsChanged {}
            | Self::SchedulesChanged {} => None,
        }
    }
}

fn shared_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// Where events are published and heard.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<RwLock<HashMap<OrgId, Rings>>>);

/// What the listeners of one organisation hear.
#[derive(Debug)]
struct Rings {
    changes: broadcast::Sender<LiveKind>,
    output: broadcast::Sender<LiveKind>,
    /// How many listeners watch it.
    watched: HashMap<Watched, usize>,
    listeners: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Watched {
    /// A command of this machine: what others say of it is not heard.
    Command(CommandId, AgentId),
    Agent(AgentId),
}

impl Default for Rings {
    fn default() -> Self {
        Self {
            changes: broadcast::Sender::new(CHANGES_MAX),
            output: broadcast::Sender::new(OUTPUT_MAX),
            watched: HashMap::new(),
            listeners: 0,
        }
    }
}

impl Live {
    /// Tells whoever of the organisation listens.
    pub fn publish(&self, org_id: OrgId, kind: LiveKind) {
        if let Some(rings) = self.0.read().get(&org_id) {
            let ring = if matches!(kind, LiveKind::CommandOutput { .. }) { &rings.output } else { &rings.changes };
            ring.send(kind).ok();
        }
    }

    /// Hears everything of the organisation from now on, but no output.
    pub fn listen(&self, org_id: OrgId) -> Listening {
        let mut organisations = self.0.write();
        let rings = organisations.entry(org_id).or_default();
        rings.listeners += 1;
        let changes = rings.changes.subscribe();
        Listening { live: self.clone(), org_id, changes, output: None, watched: HashSet::new() }
    }

    /// Whether anybody listens.
    pub fn has_listeners(&self) -> bool {
        !self.0.read().is_empty()
    }

    /// Whether anybody of the organisation watches this command or this machine.
    pub fn is_watched(&self, org_id: OrgId, agent_id: AgentId, command_id: CommandId) -> bool {
        self.0.read().get(&org_id).is_some_and(|rings| {
            let is_watched = |watched| rings.watched.contains_key(&watched);
            is_watched(Watched::Command(command_id, agent_id)) || is_watched(Watched::Agent(agent_id))
        })
    }
}

/// What a listener hears next.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Something happened.
    Event(LiveKind),
    /// Some events were missed.
    Missed,
}

/// One listener; what it listens to ends with it.
#[derive(Debug)]
pub struct Listening {
    live: Live,
    org_id: OrgId,
    changes: broadcast::Receiver<LiveKind>,
    output: Option<broadcast::Receiver<LiveKind>>,
    watched: HashSet<Watched>,
}

impl Listening {
    /// Hears the output of these commands of these machines, and of all commands of those machines, from now on.
    pub fn watch(
        &mut self,
        commands: impl IntoIterator<Item = (CommandId, AgentId)>,
        agents: impl IntoIterator<Item = AgentId>,
    ) {
        let commands = commands.into_iter().map(|(command_id, agent_id)| Watched::Command(command_id, agent_id));
        let wanted = commands.chain(agents.into_iter().map(Watched::Agent));
        let mut organisations = self.live.0.write();
        let rings = organisations.entry(self.org_id).or_default();
        for watched in wanted {
            if self.watched.insert(watched) {
                *rings.watched.entry(watched).or_default() += 1;
                self.output.get_or_insert_with(|| rings.output.subscribe());
            }
        }
    }

    /// The next event.
    pub async fn next(&mut self) -> Heard {
        loop {
            let heard = tokio::select! {
                heard = next_output(&mut self.output) => heard,
                heard = self.changes.recv() => heard,
            };
            match heard {
                Ok(kind) if self.hears(&kind) => return Heard::Event(kind),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Heard::Missed,
                // the rings live as long as this listener
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    fn hears(&self, kind: &LiveKind) -> bool {
        match kind {
            LiveKind::CommandOutput { command_id, agent_id, .. } => {
                self.watched.contains(&Watched::Command(*command_id, *agent_id))
                    || self.watched.contains(&Watched::Agent(*agent_id))
            }
            _ => true,
        }
    }
}

async fn next_output(output: &mut Option<broadcast::Receiver<LiveKind>>) -> Result<LiveKind, RecvError> {
    match output {
        Some(output) => output.recv().await,
        None => std::future::pending().await,
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut organisations = self.live.0.write();
        let Some(rings) = organisations.get_mut(&self.org_id) else { return };
        for watched in &self.watched {
            if let Some(count) = rings.watched.get_mut(watched) {
                *count -= 1;
                if *count == 0 {
                    rings.watched.remove(watched);
                }
            }
        }
        rings.listeners -= 1;
        if rings.listeners == 0 {
            organisations.remove(&self.org_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_watches_any_more_is_not_watched() {
        let (live, org_id) = (Live::default(), OrgId::generate());
        let (agent_id, command_id) = (AgentId::generate(), CommandId::generate());
        let is_watched = || live.is_watched(org_id, agent_id, command_id);
        let mut first = live.listen(org_id);
        assert!(!is_watched());
        first.watch([(command_id, agent_id); 2], []);
        let mut second = live.listen(org_id);
        second.watch([], [agent_id]);
        assert!(is_watched());
        assert!(!live.is_watched(OrgId::generate(), agent_id, command_id));
        drop(first);
        assert!(is_watched());
        drop(second);
        assert!(!is_watched());
        assert!(!live.has_listeners());
    }
}
