//! What an agent is.

use std::collections::BTreeMap;

use gururmm_ids::{AgentId, ClientId, CustomFieldId, SiteId, SiteKeyId};
use gururmm_protocol::facts::Capability;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Whether an agent is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// It is.
    Online,
    /// It is not.
    Offline,
}

impl AgentStatus {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
        }
    }
}

/// Whether an agent may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// It may.
    Active,
    /// Somebody has to let it in.
    Waiting,
    /// Somebody keeps it away, or two machines have its identity.
    Quarantined,
    /// Its key is good no more.
    Revoked,
    /// It has removed itself.
    Left,
}

impl AgentState {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Quarantined => "quarantined",
            Self::Revoked => "revoked",
            Self::Left => "left",
        }
    }
}

/// A family of operating systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentOs {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

impl AgentOs {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Windows => "windows",
            Self::Macos => "macos",
        }
    }
}

/// An enrolled machine.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// The client it belongs to.
    pub client_id: ClientId,
    /// That client's name.
    pub client_name: String,
    /// The site it belongs to.
    pub site_id: SiteId,
    /// That site's name.
    pub site_name: String,
    /// What the machine calls itself.
    pub hostname: String,
    /// What people call it, where they do.
    pub display_name: Option<String>,
    /// `linux`, `windows` or `macos`.
    #[schema(value_type = AgentOs)]
    pub os: String,
    /// The system's product name.
    pub os_name: String,
    /// The system's version.
    pub os_version: String,
    /// The kernel's version.
    pub kernel_version: Option<String>,
    /// Processor architecture, such as `x86_64`.
    pub arch: String,
    /// Version of the agent.
    pub agent_version: String,
    /// `online` or `offline`.
    #[schema(value_type = AgentStatus)]
    pub status: String,
    /// Since when.
    pub status_changed_at: Time,
    /// Last sign of life; null before the first connection.
    pub last_seen_at: Option<Time>,
    /// The address it last connected from.
    pub public_ip: Option<String>,
    /// `active`, `waiting`, `quarantined`, `revoked` or `left`: only an active one is connected and told anything.
    #[schema(value_type = AgentState)]
    pub state: String,
    /// Since when it is in that state; null since it enrolled.
    pub state_changed_at: Option<Time>,
    /// Why it was quarantined or revoked.
    pub state_reason: Option<String>,
    /// The site key that it enrolled with, while there is such a key.
    pub site_key_id: Option<SiteKeyId>,
    /// The machine's serial number.
    pub serial: Option<String>,
    /// Who made the machine.
    pub manufacturer: Option<String>,
    /// What they call it.
    pub model: Option<String>,
    /// When its agent key was last made anew; null when it is the first.
    pub key_changed_at: Option<Time>,
    /// Since when it is to take another agent key, while it has not.
    pub rotate_requested_at: Option<Time>,
    /// When it was enrolled.
    pub enrolled_at: Time,
    /// When the server first knew it.
    pub created_at: Time,
    /// When its facts, name or site last changed.
    pub updated_at: Time,
    /// Use of all processors in the latest measurement, 0 to 100.
    pub cpu_percent: Option<f32>,
    /// Memory in use in the latest measurement, 0 to 100.
    pub memory_percent: Option<f32>,
    /// Fullest volume in the latest measurement, 0 to 100.
    pub disk_percent: Option<f32>,
    /// Seconds since the machine started, at the latest measurement.
    pub uptime_seconds: Option<i64>,
    /// Who is logged in.
    pub logged_in_user: Option<String>,
    /// Seconds since that user last touched keyboard, mouse or terminal, where the system knows.
    pub user_idle_seconds: Option<i64>,
    /// When the latest measurement was taken.
    pub metrics_at: Option<Time>,
    /// What it can and cannot do.
    #[sqlx(json)]
    pub capabilities: Vec<Capability>,
    /// Words that people gave it, by name.
    pub tags: Vec<String>,
    /// What its custom fields say, by their ids; those without a value are not there.
    #[sqlx(json)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub custom_fields: BTreeMap<CustomFieldId, String>,
}

impl Agent {
    /// What people call it.
    pub fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.hostname)
    }

    /// The agent as the target of an audit event.
    pub fn target(&self) -> Target<'_> {
        Target {
            kind: "agent",
            id: Some(self.id.as_uuid()),
            name: Some(self.name()),
            agent_id: Some(self.id),
            client_id: Some(self.client_id),
            site_id: Some(self.site_id),
        }
    }
}

/// Numbers of agents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgentSummary {
    /// All.
    pub total: i64,
    /// Connected.
    pub online: i64,
    /// Not connected.
    pub offline: i64,
    /// Those that somebody has to let in.
    pub waiting: i64,
    /// Those that are quarantined.
    pub quarantined: i64,
    /// All, by family of operating systems.
    pub by_os: AgentsByOs,
}

/// Numbers of agents by family of operating systems.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgentsByOs {
    /// Linux.
    pub linux: i64,
    /// Windows.
    pub windows: i64,
    /// macOS.
    pub macos: i64,
}

/// The answer when an agent is asked for something that may not work.
pub fn not_active() -> Problem {
    Problem::conflict(
        "agent_not_active",
        "This machine may not work: it waits, is quarantined, was revoked or has left. Look at its page.",
    )
}

/// The answer when there is no such agent, or it is another organisation's.
pub fn not_found() -> Problem {
    Problem::not_found("agent_not_found", "There is no such agent.")
}
