//! What somebody asks to be run, as it is sent, and what it must be.

use std::collections::BTreeMap;

use gururmm_protocol::command::{self, CommandContext, CommandType, OnDisconnect};
use gururmm_protocol::limits::{COMMAND_TEXT_MAX, COMMAND_TIMEOUT_SECONDS};
use serde::Deserialize;
use utoipa::ToSchema;

use super::model::What;
use crate::platform::http::Problem;

const TIMEOUT_DEFAULT: u32 = 300;

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

/// The parts of a request that say what is to be run.
pub(super) struct Wish {
    pub(super) command: String,
    pub(super) command_type: CommandTypeName,
    pub(super) interpreter: Option<String>,
    pub(super) arguments: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) context: CommandContextName,
    pub(super) timeout_seconds: Option<u32>,
    pub(super) elevated: Option<bool>,
    pub(super) on_disconnect: OnDisconnectName,
}

impl Wish {
    /// What is to be run, if it can be.
    pub(super) fn checked(self) -> Result<What, Problem> {
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
