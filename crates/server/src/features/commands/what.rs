//! What somebody asks to be run, as it is sent, and what it must be.

use std::collections::BTreeMap;

use gururmm_protocol::command::{self, CommandContext, CommandType, OnDisconnect};
use gururmm_protocol::limits::{COMMAND_TEXT_MAX, COMMAND_TIMEOUT_SECONDS};
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::What;
use crate::platform::http::Problem;

const TIMEOUT_DEFAULT: u32 = 300;
const EXPIRES_DEFAULT: i64 = 86_400;
const EXPIRES: std::ops::RangeInclusive<i64> = 30..=2_592_000;

/// What runs a command's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommandType)]
pub(crate) enum CommandTypeName {
    /// The system's shell: `sh` on Linux and macOS, `cmd` on Windows.
    #[default]
    Shell,
    /// PowerShell: the system's own on Windows, `pwsh` elsewhere.
    Powershell,
    /// Python 3.
    Python,
    /// What `interpreter` names.
    Script,
    /// The program that is set up for tasks on the machine; it reads the text from its standard input.
    ClaudeTask,
}

/// In whose session a command runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommandContext)]
pub(crate) enum CommandContextName {
    /// As the system.
    #[default]
    System,
    /// As the person who is logged in at the machine, with their rights and their desktop.
    UserSession,
}

/// What a lost connection does to a running command.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommandOnDisconnect)]
pub(crate) enum OnDisconnectName {
    /// It goes on and delivers later.
    #[default]
    Continue,
    /// It is ended.
    Abort,
}

impl From<CommandTypeName> for CommandType {
    fn from(name: CommandTypeName) -> Self {
        match name {
            CommandTypeName::Shell => Self::Shell,
            CommandTypeName::Powershell => Self::Powershell,
            CommandTypeName::Python => Self::Python,
            CommandTypeName::Script => Self::Script,
            CommandTypeName::ClaudeTask => Self::ClaudeTask,
        }
    }
}

impl From<OnDisconnectName> for OnDisconnect {
    fn from(name: OnDisconnectName) -> Self {
        match name {
            OnDisconnectName::Continue => Self::Continue,
            OnDisconnectName::Abort => Self::Abort,
        }
    }
}

/// What is to be run.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = CommandWhat)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// The text, at most 64 KiB.
    pub(crate) command: String,
    /// What reads it; `shell` unless told.
    #[serde(default)]
    pub(crate) command_type: CommandTypeName,
    /// What reads the text of a `script`: the name of a program, such as `bash`, or its full path.
    pub(crate) interpreter: Option<String>,
    /// What the text is given, one by one: never a part of a line that a shell reads. At most 64, of 4 KiB each. `cmd` takes none. Everybody on the
    /// machine may see them.
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
    /// Variables for its environment, at most 64, of 4 KiB each. Their values are not shown again, and forgotten when the command has ended. Who has
    /// the rights that the command has can read them while it runs.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// In whose session it runs; `system` unless told.
    #[serde(default)]
    pub(crate) context: CommandContextName,
    /// 1 to 86,400; 300 unless told.
    pub(crate) timeout_seconds: Option<u32>,
    /// Whether it has the agent's own rights (those of root or SYSTEM, where the agent is a service): always in the context `system`, never in a
    /// person's session. Leave it out.
    pub(crate) elevated: Option<bool>,
    /// `continue` unless told.
    #[serde(default)]
    pub(crate) on_disconnect: OnDisconnectName,
}

impl Wish {
    /// What is to be run, if it can be.
    pub(crate) fn checked(self) -> Result<What, Problem> {
        check_text(&self.command)?;
        let timeout_seconds = self.timeout_seconds.unwrap_or(TIMEOUT_DEFAULT);
        if !COMMAND_TIMEOUT_SECONDS.contains(&timeout_seconds) {
            return Err(Problem::field("timeout_seconds", "The time limit must be between 1 and 86400 seconds."));
        }
        let (context, elevated) = rights(self.context, self.elevated)?;
        let interpreter = interpreter(self.command_type, self.interpreter)?;
        check_parameters(&self.arguments, &self.environment)?;
        Ok(What {
            command_type: self.command_type.into(),
            command: self.command,
            interpreter,
            arguments: self.arguments,
            environment: self.environment,
            context,
            timeout_seconds,
            elevated,
            on_disconnect: self.on_disconnect.into(),
        })
    }
}

/// How long a machine may take to come.
pub(crate) fn expiry(seconds: Option<i64>) -> Result<SignedDuration, Problem> {
    let seconds = seconds.unwrap_or(EXPIRES_DEFAULT);
    if EXPIRES.contains(&seconds) {
        return Ok(SignedDuration::from_secs(seconds));
    }
    Err(Problem::field("expires_in_seconds", "A command may wait between 30 seconds and 30 days."))
}

/// A command has the agent's rights, or those of the person in whose session it runs.
fn rights(context: CommandContextName, elevated: Option<bool>) -> Result<(CommandContext, bool), Problem> {
    match (context, elevated) {
        (CommandContextName::System, None | Some(true)) => Ok((CommandContext::System, true)),
        (CommandContextName::UserSession, None | Some(false)) => Ok((CommandContext::UserSession, false)),
        (CommandContextName::System, Some(false)) => Err(Problem::field(
            "elevated",
            "A command of the system has the agent's own rights; leave this out, or choose the context user_session.",
        )),
        (CommandContextName::UserSession, Some(true)) => Err(Problem::field(
            "elevated",
            "A command in a person's session has that person's rights; leave this out, or choose the context system.",
        )),
    }
}

fn interpreter(kind: CommandTypeName, named: Option<String>) -> Result<Option<String>, Problem> {
    let named = named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    match (kind, named) {
        (CommandTypeName::Script, Some(name)) if command::is_interpreter(&name) => Ok(Some(name)),
        (CommandTypeName::Script, Some(_)) => Err(Problem::field(
            "interpreter",
            "Give the name of a program, such as bash or perl, or the full path of one.",
        )),
        (CommandTypeName::Script, None) => {
            Err(Problem::field("interpreter", "Say what reads the script, such as bash, perl or /usr/bin/python3."))
        }
        (_, Some(_)) => Err(Problem::field("interpreter", "Only a command of the type script has an interpreter.")),
        (_, None) => Ok(None),
    }
}

fn check_parameters(arguments: &[String], environment: &BTreeMap<String, String>) -> Result<(), Problem> {
    let faulty = |field, fault: String| Err(Problem::field(field, sentence(&fault)));
    if let Some(fault) = command::parameters_fault(arguments, &BTreeMap::new()) {
        return faulty("arguments", fault);
    }
    command::parameters_fault(arguments, environment).map_or(Ok(()), |fault| faulty("environment", fault))
}

fn sentence(fault: &str) -> String {
    let mut rest = fault.chars();
    rest.next().map(|first| format!("{}{}.", first.to_uppercase(), rest.as_str())).unwrap_or_default()
}

fn check_text(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::field("command", "Give a command."));
    }
    if text.len() > COMMAND_TEXT_MAX {
        return Err(Problem::field(
            "command",
            format!("At most {COMMAND_TEXT_MAX} bytes; put longer work into a file."),
        ));
    }
    if text.contains('\0') {
        return Err(Problem::field("command", "A NUL character cannot be part of a command."));
    }
    Ok(())
}
