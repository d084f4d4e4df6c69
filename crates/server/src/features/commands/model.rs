//! What a command is, and the signed order that travels.

use gururmm_ids::{AgentId, ClientId, CommandId, SiteId};
use gururmm_protocol::command::{CommandContext, CommandType, OnDisconnect, Order, SignedOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::db::Accepted;
use crate::platform::audit::Target;
use crate::platform::http::Problem;
use crate::platform::random;
use crate::platform::secrets::ServerSecrets;
use crate::platform::time::Time;

/// Where a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandStatus {
    /// Waits for its machine.
    Queued,
    /// Runs.
    Running,
    /// Exited with 0.
    Completed,
    /// Exited otherwise, or could not start.
    Failed,
    /// Ran into its time limit and was ended.
    Timeout,
    /// Was lost: its agent or machine stopped while it ran.
    Interrupted,
    /// Was cancelled.
    Cancelled,
    /// Its machine did not come in time.
    Expired,
}

impl CommandStatus {
    /// The status of this name; `interrupted` for one that is none, which the table's check makes impossible.
    pub fn name_of(text: &str) -> &'static str {
        serde_json::from_value::<Self>(text.into()).unwrap_or(Self::Interrupted).as_str()
    }

    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// A command on a machine.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// The machine.
    pub agent_id: AgentId,
    /// The machine's name.
    pub agent_name: String,
    /// The machine's client.
    #[serde(skip)]
    pub client_id: ClientId,
    /// The machine's site.
    #[serde(skip)]
    pub site_id: SiteId,
    /// The name of the machine's client.
    pub client_name: String,
    /// The name of the machine's site.
    pub site_name: String,
    /// `shell`.
    pub command_type: String,
    /// Its text.
    pub command: String,
    /// `system`.
    pub context: String,
    /// Ended after this many seconds.
    pub timeout_seconds: i32,
    /// Whether it runs with the agent's own rights.
    pub elevated: bool,
    /// What a lost connection does to it: `continue` or `abort`.
    pub on_disconnect: String,
    /// Where it stands.
    #[schema(value_type = CommandStatus)]
    pub status: String,
    /// Why, when the exit code does not tell.
    pub status_reason: Option<String>,
    /// Exit code, when it exited by itself.
    pub exit_code: Option<i32>,
    /// Who ran it.
    pub created_by_name: Option<String>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it was handed to the machine.
    pub sent_at: Option<Time>,
    /// When it began there.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// Not started after this.
    pub expires_at: Time,
    /// When somebody asked to cancel it.
    pub cancel_requested_at: Option<Time>,
    /// Time between beginning and end, milliseconds.
    pub duration_ms: Option<i64>,
    /// Bytes written to standard output, kept or not.
    pub stdout_bytes: i64,
    /// Bytes written to standard error, kept or not.
    pub stderr_bytes: i64,
    /// Whether output beyond the limit was left out.
    pub truncated: bool,
}

impl Command {
    /// The command as it is right after it was asked for.
    pub(super) fn queued(asked: &Asked, accepted: Accepted) -> Self {
        Self {
            id: asked.id,
            agent_id: asked.agent_id,
            agent_name: accepted.agent_name,
            client_id: accepted.client_id,
            site_id: accepted.site_id,
            client_name: accepted.client_name,
            site_name: accepted.site_name,
            command_type: asked.command_type.clone(),
            command: asked.command.clone(),
            context: asked.context.clone(),
            timeout_seconds: asked.timeout_seconds,
            elevated: asked.elevated,
            on_disconnect: asked.on_disconnect.clone(),
            status: CommandStatus::Queued.as_str().to_owned(),
            status_reason: None,
            exit_code: None,
            created_by_name: accepted.created_by_name,
            created_at: asked.created_at,
            sent_at: accepted.sent_at,
            started_at: None,
            finished_at: None,
            expires_at: asked.expires_at,
            cancel_requested_at: None,
            duration_ms: None,
            stdout_bytes: 0,
            stderr_bytes: 0,
            truncated: false,
        }
    }

    /// The command as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            kind: "command",
            id: Some(self.id.as_uuid()),
            name: Some(&self.agent_name),
            agent_id: Some(self.agent_id),
            client_id: Some(self.client_id),
            site_id: Some(self.site_id),
        }
    }

    /// Whether it has ended.
    pub fn is_ended(&self) -> bool {
        self.finished_at.is_some()
    }
}

/// What somebody asks for.
#[derive(Debug)]
pub(super) struct Asked {
    /// The command.
    pub id: CommandId,
    /// The machine.
    pub agent_id: AgentId,
    /// `shell`.
    pub command_type: String,
    /// Its text.
    pub command: String,
    /// `system`.
    pub context: String,
    /// Ended after this many seconds.
    pub timeout_seconds: i32,
    /// Whether it runs with the agent's own rights.
    pub elevated: bool,
    /// `continue` or `abort`.
    pub on_disconnect: String,
    /// The time of issue.
    pub created_at: Time,
    /// Not started after this.
    pub expires_at: Time,
}

impl Asked {
    /// The order, signed once and for good: only what a person has asked for this server is ever signed.
    pub(super) fn sign(&self, secrets: &ServerSecrets) -> Result<SignedOrder, Problem> {
        let order = Order {
            command_id: self.id,
            agent_id: self.agent_id,
            command_type: if self.command_type == "shell" { CommandType::Shell } else { CommandType::Unknown },
            command: self.command.clone(),
            context: if self.context == "system" { CommandContext::System } else { CommandContext::Unknown },
            timeout_seconds: self.timeout_seconds.cast_unsigned(),
            elevated: self.elevated,
            on_disconnect: if self.on_disconnect == "abort" { OnDisconnect::Abort } else { OnDisconnect::Continue },
            issued_at: self.created_at.0,
            expires_at: self.expires_at.0,
            nonce: random::bytes(),
            key_id: secrets.key_id.clone(),
        };
        SignedOrder::sign(&order, &secrets.signing).map_err(Problem::internal)
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("command_not_found", "There is no such command.")
}
