//! What a command is, and the signed order that travels.

use std::collections::BTreeMap;

use gururmm_ids::{AgentId, ClientId, CommandId, CommandRunId, SiteId};
use gururmm_protocol::command::{CommandContext, CommandType, OnDisconnect, Order, SignedOrder};
use serde::Serialize;
use utoipa::ToSchema;

use super::db::Accepted;
use super::status::CommandStatus;
use super::what::{CommandContextName, CommandTypeName};
use crate::platform::audit::Target;
use crate::platform::http::Problem;
use crate::platform::random;
use crate::platform::secrets::ServerSecrets;
use crate::platform::time::Time;

/// A command on a machine.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// The run that it is a part of, when many machines were told at once.
    pub run_id: Option<CommandRunId>,
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
    /// What it is: what reads its text.
    #[schema(value_type = CommandTypeName)]
    pub command_type: String,
    /// Its text; in lists, of one that is part of a run, the first 500 characters.
    pub command: String,
    /// What reads the text of a `script`.
    pub interpreter: Option<String>,
    /// What the text was given, one by one.
    #[sqlx(json)]
    pub arguments: Vec<String>,
    /// Names of the variables that its environment was given. Their values are not shown, and forgotten when it has ended.
    pub variables: Vec<String>,
    /// In whose session it runs.
    #[schema(value_type = CommandContextName)]
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
        let what = &asked.what;
        Self {
            id: asked.id,
            run_id: None,
            agent_id: asked.agent_id,
            agent_name: accepted.agent_name,
            client_id: accepted.client_id,
            site_id: accepted.site_id,
            client_name: accepted.client_name,
            site_name: accepted.site_name,
            command_type: what.command_type.as_str().to_owned(),
            command: what.command.clone(),
            interpreter: what.interpreter.clone(),
            arguments: what.arguments.clone(),
            variables: what.environment.keys().cloned().collect(),
            context: what.context.as_str().to_owned(),
            timeout_seconds: what.timeout_seconds.cast_signed(),
            elevated: what.elevated,
            on_disconnect: what.on_disconnect.as_str().to_owned(),
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

/// What is to be run, wherever that is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct What {
    /// What reads the text.
    pub command_type: CommandType,
    /// The text.
    pub command: String,
    /// The interpreter of a `script`.
    pub interpreter: Option<String>,
    /// What comes behind the text.
    pub arguments: Vec<String>,
    /// Variables beside those of the machine.
    pub environment: BTreeMap<String, String>,
    /// In whose session it runs.
    pub context: CommandContext,
    /// Ended after this many seconds.
    pub timeout_seconds: u32,
    /// Whether it runs with the agent's own rights.
    pub elevated: bool,
    /// What a lost connection does to it.
    pub on_disconnect: OnDisconnect,
}

impl What {
    /// As which type its order travels.
    fn type_of_order(&self) -> CommandType {
        let is_plain = self.arguments.is_empty() && self.environment.is_empty();
        if self.command_type == CommandType::Shell && !is_plain { CommandType::ShellWith } else { self.command_type }
    }
}

/// What somebody asks of one machine.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The command.
    pub id: CommandId,
    /// The machine.
    pub agent_id: AgentId,
    /// What is to be run.
    pub what: What,
    /// The time of issue.
    pub created_at: Time,
    /// Not started after this.
    pub expires_at: Time,
}

impl Asked {
    /// The order, signed once and for good: only what a person has asked for this server is ever signed.
    pub(crate) fn sign(&self, secrets: &ServerSecrets) -> Result<SignedOrder, Problem> {
        let what = self.what.clone();
        let order = Order {
            command_id: self.id,
            agent_id: self.agent_id,
            command_type: what.type_of_order(),
            command: what.command,
            interpreter: what.interpreter,
            arguments: what.arguments,
            environment: what.environment,
            context: what.context,
            timeout_seconds: what.timeout_seconds,
            elevated: what.elevated,
            on_disconnect: what.on_disconnect,
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

/// The answer while the organisation has everything stopped.
pub(crate) fn stopped() -> Problem {
    Problem::conflict(
        "commands_stopped",
        "All commands of the organisation are stopped. Somebody who may stop them has to let them start again first.",
    )
}
