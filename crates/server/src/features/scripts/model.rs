//! What a script and its versions are.

use std::collections::{BTreeMap, BTreeSet};

use gururmm_ids::ScriptId;
use gururmm_scripts::interpreter::Interpreter;
use gururmm_scripts::parameters::{Kind, Parameter};
use gururmm_scripts::script::{Context, Platform, ScriptFile};
use gururmm_scripts::text;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::audit::chain::hex;
use crate::platform::http::Problem;
use crate::platform::http::problem::FieldError;
use crate::platform::time::Time;

const NOTE_MAX: usize = 500;

/// A script of the library, with the newest of its versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Script {
    /// Its id.
    pub(crate) id: ScriptId,
    /// Its name, unique in its folder without regard to case.
    pub(crate) name: String,
    /// The folders above it, `/` between them; empty at the top.
    pub(crate) folder: String,
    /// What it does.
    pub(crate) description: String,
    /// The number of the newest version.
    pub(crate) newest_version: i32,
    /// The number of the approved version, which is the one that runs; null: none is.
    pub(crate) approved_version: Option<i32>,
    /// What runs the newest version.
    pub(crate) interpreter: String,
    /// Systems that the newest version is for.
    #[schema(value_type = Vec<PlatformName>)]
    pub(crate) platforms: Vec<String>,
    /// When it was put away; null: it was not.
    pub(crate) archived_at: Option<Time>,
    /// Who made it.
    pub(crate) created_by_name: Option<String>,
    /// When it was made.
    pub(crate) created_at: Time,
    /// When it last changed.
    pub(crate) updated_at: Time,
    /// Of the newest 1,000 commands of the last 90 days that the caller sees those that have ended, cancelled ones aside.
    pub(crate) ended_count: i64,
    /// Of these, those that were completed.
    pub(crate) completed_count: i64,
    /// When it last ran, within 90 days.
    pub(crate) last_run_at: Option<Time>,
    /// As the list sorts it.
    #[serde(skip)]
    pub(super) sort_name: String,
}

impl Script {
    /// The script as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "script", id: Some(self.id.as_uuid()), name: Some(&self.name), ..Target::default() }
    }
}

/// A version of a script.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ScriptVersion {
    /// From 1 on.
    pub(crate) number: i32,
    /// What is run.
    pub(crate) text: String,
    /// SHA-256 of the text, hexadecimal.
    pub(crate) sha256: String,
    /// What runs it: `sh`, `cmd`, `powershell`, `python`, the name of a program, or a path.
    pub(crate) interpreter: String,
    /// Systems that it is for.
    #[schema(value_type = Vec<PlatformName>)]
    pub(crate) platforms: Vec<String>,
    /// In whose session it runs.
    #[schema(value_type = ContextName)]
    pub(crate) context: String,
    /// Ended after this many seconds.
    pub(crate) timeout_seconds: i32,
    /// Variables that it always gets. No place for secrets: whoever sees the script sees them.
    pub(crate) environment: BTreeMap<String, String>,
    /// What it asks for.
    #[schema(value_type = Vec<ParameterShape>)]
    pub(crate) parameters: Vec<Parameter>,
    /// What its author says of it.
    pub(crate) note: String,
    /// Who wrote it.
    pub(crate) created_by_name: Option<String>,
    /// When.
    pub(crate) created_at: Time,
    /// Who approved it; null: nobody, or it was withdrawn.
    pub(crate) approved_by_name: Option<String>,
    /// When.
    pub(crate) approved_at: Option<Time>,
}

/// A system that scripts are for.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScriptPlatform)]
pub(crate) enum PlatformName {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

/// In whose session a script runs.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScriptContext)]
pub(crate) enum ContextName {
    /// As the system.
    System,
    /// As the person who is logged in at the machine.
    UserSession,
}

/// One thing that a script asks for. It reads the value as the variable `PARAM_<NAME>`; a value is never a part of the text.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = ScriptParameter)]
pub(crate) struct ParameterShape {
    /// Small letters, digits and `_`.
    name: String,
    /// What a person reads beside the value.
    label: String,
    /// What its values are.
    kind: KindName,
    /// Whether the script cannot run without it; false unless told.
    required: Option<bool>,
    /// What it is when nothing is given.
    default: Option<String>,
    /// Smallest number.
    min: Option<f64>,
    /// Largest number.
    max: Option<f64>,
    /// Longest string, characters.
    max_length: Option<u32>,
    /// What may be chosen.
    choices: Option<Vec<String>>,
    /// Where a machine's own value comes from: `hostname`, `display_name`, `client`, `site`, `os` or `agent_id`; or the name of a custom
    /// field; or of an entry of the vault.
    field: Option<String>,
}

/// What the values of a parameter are.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScriptParameterKind)]
pub(crate) enum KindName {
    /// Text, which may have several lines.
    String,
    /// A decimal number.
    Number,
    /// One of its choices.
    Choice,
    /// A property of the machine.
    AgentField,
    /// The machine's value of a custom field.
    CustomField,
    /// A secret of the vault, which this server does not have yet: such a script cannot run.
    Vault,
}

/// What somebody writes as a version.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ScriptVersionWish)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionWish {
    /// What is run, at most 64 KiB. Line ends become LF.
    text: String,
    /// What runs it: `sh`, `cmd`, `powershell`, `python`, the name of a program, or a path.
    interpreter: String,
    /// Systems that it is for.
    #[schema(value_type = Vec<PlatformName>)]
    platforms: BTreeSet<Platform>,
    /// In whose session it runs; `system` unless told.
    #[schema(value_type = Option<ContextName>)]
    context: Option<Context>,
    /// 1 to 86,400; 300 unless told.
    timeout_seconds: Option<u32>,
    /// Variables that it always gets, at most 32.
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// What it asks for, at most 30.
    #[serde(default)]
    #[schema(value_type = Vec<ParameterShape>)]
    parameters: Vec<Parameter>,
    /// What to say of it, at most 500 characters.
    #[serde(default)]
    note: String,
}

const TIMEOUT_DEFAULT: u32 = 300;

impl VersionWish {
    /// The note, and the script that it would be under this name.
    pub(super) fn checked(self, of: &Naming) -> Result<(String, ScriptFile), Problem> {
        let note = self.note.trim().to_owned();
        if note.chars().count() > NOTE_MAX {
            return Err(Problem::field("note", format!("At most {NOTE_MAX} characters.")));
        }
        let interpreter =
            Interpreter::parse(self.interpreter.trim()).map_err(|fault| Problem::field("interpreter", fault))?;
        let text = text::stored(&self.text).map_err(|fault| Problem::field("text", fault.to_string()))?;
        let context = self.context.unwrap_or(Context::System);
        let script = ScriptFile {
            name: of.name.clone(),
            folder: of.folder.clone(),
            description: of.description.clone(),
            interpreter,
            platforms: self.platforms,
            context,
            elevated: context == Context::System,
            timeout_seconds: self.timeout_seconds.unwrap_or(TIMEOUT_DEFAULT),
            parameters: self.parameters,
            environment: self.environment,
            text,
        };
        check(&script)?;
        Ok((note, script))
    }
}

/// What a script is called.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    pub(super) name: String,
    pub(super) folder: String,
    pub(super) description: String,
}

impl Naming {
    /// Without white space at its ends.
    pub(super) fn new(name: &str, folder: &str, description: &str) -> Self {
        let folder: Vec<&str> = folder.split('/').map(str::trim).filter(|part| !part.is_empty()).collect();
        Self { name: name.trim().to_owned(), folder: folder.join("/"), description: description.trim().to_owned() }
    }
}

/// Whether the library can hold it.
pub(super) fn check(script: &ScriptFile) -> Result<(), Problem> {
    script.check().map_err(|faults| Problem::validation(faults.into_iter().map(FieldError::from).collect()))?;
    if script.elevated != (script.context == Context::System) {
        let detail = "A script of the system is elevated, one in a person's session is not.";
        return Err(Problem::field("elevated", detail));
    }
    Ok(())
}

/// Whether a parameter's value is the machine's own.
pub(super) const fn is_of_machine(parameter: &Parameter) -> bool {
    matches!(parameter.kind, Kind::AgentField | Kind::CustomField)
}

/// SHA-256 of a text, hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("script_not_found", "There is no such script.")
}

pub(super) fn no_such_version() -> Problem {
    Problem::not_found("script_version_not_found", "The script has no such version.")
}

pub(super) fn name_taken() -> Problem {
    Problem::conflict("name_taken", "There is a script of this name in this folder.")
}
