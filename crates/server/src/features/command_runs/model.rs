//! What a run is.

use std::collections::BTreeMap;

use gururmm_ids::{CommandRunId, ScheduleId, ScriptId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::counts::Counts;
use crate::features::commands::{CommandContextName, CommandTypeName, Wish};
use crate::platform::audit::Target;
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Of a text the audit log keeps so much: the run has all of it.
const AUDITED_CHARACTERS: usize = 2_000;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommandRunStatus)]
pub(crate) enum Status {
    /// A second person has to approve it.
    AwaitingApproval,
    /// That person said no.
    Rejected,
    /// Some of its commands are open.
    Running,
    /// All of them have ended.
    Finished,
    /// Somebody stopped it, or too many failures did.
    Stopped,
    /// Nobody approved it in time.
    Expired,
}

impl Status {
    /// The name in SQL and JSON.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Rejected => "rejected",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Expired => "expired",
        }
    }
}

/// In which order machines are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommandRunMode)]
pub(crate) enum Mode {
    /// All at once, or as fast as the rate lets them.
    #[default]
    Parallel,
    /// One after the other, by name: each when the one before has ended. A machine that is away is passed; it gets its command when it
    /// comes back.
    Ordered,
}

impl Mode {
    /// The name in SQL and JSON.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Parallel => "parallel",
            Self::Ordered => "ordered",
        }
    }
}

/// A request for commands on many machines.
#[derive(Clone, Debug, Serialize, ToSchema, sqlx::FromRow)]
#[schema(as = CommandRun)]
pub(crate) struct Run {
    /// Its id.
    pub(crate) id: CommandRunId,
    /// What reads its text.
    #[schema(value_type = CommandTypeName)]
    pub(crate) command_type: String,
    /// Its text.
    pub(crate) command: String,
    /// What reads the text of a `script`.
    pub(crate) interpreter: Option<String>,
    /// What the text was given, one by one.
    #[sqlx(json)]
    pub(crate) arguments: Vec<String>,
    /// Names of the variables that its environment was given.
    pub(crate) variables: Vec<String>,
    /// In whose session it runs.
    #[schema(value_type = CommandContextName)]
    pub(crate) context: String,
    /// Each command is ended after this many seconds.
    pub(crate) timeout_seconds: i32,
    /// Whether it runs with the agent's own rights.
    pub(crate) elevated: bool,
    /// What a lost connection does to a command: `continue` or `abort`.
    pub(crate) on_disconnect: String,
    /// How long an absent machine may take to come back.
    pub(crate) expires_in_seconds: i32,
    /// In which order machines are told.
    #[schema(value_type = Mode)]
    pub(crate) mode: String,
    /// Machines that are told in a minute at most; null: no limit.
    pub(crate) rate_per_minute: Option<i32>,
    /// Failed machines after which the rest is not told any more; null: all are told.
    pub(crate) stop_after_failures: Option<i32>,
    /// What was asked for: `{"ids": <how many>}` or `{"filter": …}`; nothing for who neither asked nor sees every machine.
    #[schema(value_type = Object)]
    #[sqlx(json)]
    pub(crate) selection: Value,
    /// Machines that were left out, by the code of why; nothing for who neither asked nor sees every machine.
    #[sqlx(json)]
    pub(crate) refused: BTreeMap<String, u32>,
    /// Where it stands.
    #[schema(value_type = Status)]
    pub(crate) status: String,
    /// Why, when that is not plain.
    pub(crate) status_reason: Option<String>,
    /// The script of the library that it runs.
    pub(crate) script_id: Option<ScriptId>,
    /// Which version of it.
    pub(crate) script_version: Option<i32>,
    /// What it is called.
    pub(crate) script_name: Option<String>,
    /// What was given for its parameters.
    #[sqlx(json)]
    pub(crate) parameters: BTreeMap<String, String>,
    /// The schedule by which it began.
    pub(crate) schedule_id: Option<ScheduleId>,
    /// What that is called; nothing for who does not see it.
    pub(crate) schedule_name: Option<String>,
    /// For what time it began by its schedule.
    pub(crate) due_at: Option<Time>,
    /// The run of which it repeats a part.
    pub(crate) rerun_of: Option<CommandRunId>,
    /// Who asked for it.
    pub(crate) created_by: UserId,
    /// Their name.
    pub(crate) created_by_name: Option<String>,
    /// When it was asked for.
    pub(crate) created_at: Time,
    /// When it began.
    pub(crate) started_at: Option<Time>,
    /// When the last of it ended.
    pub(crate) finished_at: Option<Time>,
    /// Who approved or rejected it.
    pub(crate) decided_by_name: Option<String>,
    /// When.
    pub(crate) decided_at: Option<Time>,
    /// What they said.
    pub(crate) decision_reason: Option<String>,
    /// Commands that the caller sees, by where they stand.
    #[sqlx(skip)]
    pub(crate) counts: Counts,
}

impl Run {
    /// What it asks for, with these values for its variables.
    pub(super) fn wish(&self, environment: BTreeMap<String, String>) -> Result<Wish, Problem> {
        let wish = serde_json::json!({
            "command": self.command,
            "command_type": self.command_type,
            "interpreter": self.interpreter,
            "arguments": self.arguments,
            "environment": environment,
            "context": self.context,
            "timeout_seconds": self.timeout_seconds,
            "on_disconnect": self.on_disconnect,
        });
        serde_json::from_value(wish).map_err(Problem::internal)
    }

    /// Without what tells of machines that somebody does not see: which were asked for, and which were left out.
    #[must_use]
    pub(super) fn shown_to(self, scope: &OrgScope) -> Self {
        if self.created_by == scope.user_id || scope.see.is_everything() {
            return self;
        }
        Self { selection: Value::Object(serde_json::Map::new()), refused: BTreeMap::new(), ..self }
    }

    /// For this caller, who hears the name of a schedule only if they may look at some.
    pub(super) fn named_for(self, caller: &Caller) -> Self {
        let may_see = caller.access().anywhere().has(Permission::SchedulesView);
        Self { schedule_name: self.schedule_name.filter(|_| may_see), ..self }
    }

    /// As much of its text as the audit log keeps.
    pub(super) fn beginning(&self) -> &str {
        self.command.char_indices().nth(AUDITED_CHARACTERS).map_or(&self.command, |(end, _)| &self.command[..end])
    }

    /// The run as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "command_run", id: Some(self.id.as_uuid()), ..Target::default() }
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("command_run_not_found", "There is no such run.")
}

pub(super) fn over() -> Problem {
    Problem::conflict("command_run_over", "This run is over; what has ended cannot be stopped.")
}

pub(super) fn not_everywhere(does: &str) -> Problem {
    Problem::forbidden(
        "forbidden",
        format!("This run reaches machines where you may not {does}. Somebody who may everywhere has to do it."),
    )
}
