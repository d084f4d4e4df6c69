//! A version of a script that is to run: what it is as a command, and what each machine adds to it.

use std::collections::{BTreeMap, HashMap};

use gururmm_ids::{AgentId, ScriptId};
use gururmm_scripts::interpreter::Interpreter;
use gururmm_scripts::parameters::Parameter;
use gururmm_scripts::values::{environment, values};
use serde_json::json;
use sqlx::PgConnection;

use super::model::{self, Script, ScriptVersion, is_of_machine};
use super::{db, machine};
use crate::features::commands::Wish;
use crate::platform::auth::OrgScope;
use crate::platform::http::Problem;
use crate::platform::http::problem::FieldError;

/// A version of a script, and what was given for its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// The script.
    pub(crate) script: Script,
    version: ScriptVersion,
    /// By the parameters' names.
    pub(crate) given: BTreeMap<String, String>,
}

/// The version of this number, or the approved one.
pub(crate) async fn find_use(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, number): (ScriptId, Option<i32>),
    given: BTreeMap<String, String>,
) -> Result<Use, Problem> {
    let script = db::find(tx, scope, id).await?.ok_or_else(model::not_found)?;
    if script.archived_at.is_some() {
        return Err(Problem::conflict(
            "script_archived",
            "This script was put away. Save it under another name to run it.",
        ));
    }
    let Some(number) = number.or(script.approved_version) else {
        return Err(Problem::conflict(
            "script_not_approved",
            "No version of this script is approved. Somebody who may approve scripts has to look at it first.",
        ));
    };
    let version = db::versions(tx, scope, id, Some(number)).await?.pop().ok_or_else(model::no_such_version)?;
    Ok(Use { script, version, given })
}

/// Whether a version is the one that runs by itself.
pub(crate) async fn is_approved(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (id, number): (ScriptId, i32),
) -> sqlx::Result<bool> {
    let script = db::find(tx, scope, id).await?;
    Ok(script.is_some_and(|script| script.archived_at.is_none() && script.approved_version == Some(number)))
}

impl Use {
    /// The number of the version.
    pub(crate) const fn number(&self) -> i32 {
        self.version.number
    }

    /// Whether it is the version that runs by itself.
    pub(crate) fn is_approved(&self) -> bool {
        self.script.approved_version == Some(self.version.number)
    }

    /// Names everything that the version says: SHA-256, hexadecimal.
    pub(crate) fn digest(&self) -> Result<String, Problem> {
        let version = &self.version;
        let says = json!([
            version.text,
            version.interpreter,
            version.platforms,
            version.context,
            version.timeout_seconds,
            version.environment,
            version.parameters,
        ]);
        Ok(model::sha256(&serde_json::to_string(&says).map_err(Problem::internal)?))
    }

    /// Whether it is for this system.
    pub(crate) fn is_for(&self, os: &str) -> bool {
        self.version.platforms.iter().any(|platform| platform == os)
    }

    /// What it is as a command, with the variables that every machine gets.
    pub(crate) fn wish(&self) -> Result<Wish, Problem> {
        let (own, shared) = self.parameters();
        let faults = |faults: Vec<(String, String)>| {
            let named = |(name, message)| FieldError::from((format!("parameters.{name}"), message));
            Problem::validation(faults.into_iter().map(named).collect())
        };
        if let Some(parameter) = own.iter().find(|parameter| self.given.contains_key(&parameter.name)) {
            let message = "Each machine has its own value of this; leave it out.".to_owned();
            return Err(faults(vec![(parameter.name.clone(), message)]));
        }
        let values = values(&shared, &self.given, &|_| None).map_err(faults)?;
        let mut variables = self.version.environment.clone();
        variables.extend(environment(&values));
        let interpreter = Interpreter::parse(&self.version.interpreter).map_err(Problem::internal)?;
        let (command_type, named) = match &interpreter {
            Interpreter::PowerShell => ("powershell", None),
            Interpreter::Python => ("python", None),
            Interpreter::Sh | Interpreter::Cmd | Interpreter::Program(_) => ("script", Some(interpreter.as_str())),
        };
        let wish = json!({
            "command": self.version.text,
            "command_type": command_type,
            "interpreter": named,
            "environment": variables,
            "context": self.version.context,
            "timeout_seconds": self.version.timeout_seconds,
        });
        serde_json::from_value(wish).map_err(Problem::internal)
    }

    /// The variables that each of these machines adds; none for one that has no value of something required.
    pub(crate) async fn of_machines(
        &self,
        tx: &mut PgConnection,
        scope: &OrgScope,
        ids: &[AgentId],
    ) -> sqlx::Result<HashMap<AgentId, BTreeMap<String, String>>> {
        let (own, _) = self.parameters();
        if own.is_empty() {
            return Ok(ids.iter().map(|id| (*id, BTreeMap::new())).collect());
        }
        let machines = machine::of(tx, scope, ids).await?;
        let added = |(id, machine): (AgentId, machine::MachineValues)| {
            let values = values(&own, &BTreeMap::new(), &|source| machine.of(source)).ok()?;
            Some((id, environment(&values)))
        };
        Ok(machines.into_iter().filter_map(added).collect())
    }

    /// The parameters whose values are the machine's own, and the others.
    fn parameters(&self) -> (Vec<Parameter>, Vec<Parameter>) {
        self.version.parameters.iter().cloned().partition(is_of_machine)
    }
}
