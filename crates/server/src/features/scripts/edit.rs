//! Making scripts and versions: asked for by a form, by a file, or by the starter set; the same checks, the same rows in the audit log.

use gururmm_ids::ScriptId;
use gururmm_scripts::interpreter::Interpreter;
use gururmm_scripts::script::{Context, ScriptFile};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::db;
use super::model::{self, Naming, Script, ScriptVersion, sha256};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::OrgScope;
use crate::platform::http::Problem;
use crate::platform::http::problem::{FieldError, violates};
use crate::platform::time::Time;

/// Adds a script with its first version.
pub(super) async fn create(
    tx: &mut PgConnection,
    scope: &OrgScope,
    (note, file): (&str, &ScriptFile),
    now: Time,
) -> Result<Script, Problem> {
    model::check(file)?;
    let id = ScriptId::generate();
    let naming = Naming::new(&file.name, &file.folder, &file.description);
    match db::insert(tx, scope, (id, &naming), now).await {
        Err(error) if violates(&error, "scripts_name") => return Err(model::name_taken()),
        result => result?,
    }
    db::insert_version(tx, scope, (id, 1), (note, file), now).await?;
    let script = db::find(tx, scope, id).await?.ok_or_else(model::not_found)?;
    let event = AuditEvent { action: "script.created", target: script.target(), detail: told(file, 1) };
    audit::record(tx, scope, now.0, event).await?;
    Ok(script)
}

/// Adds a version to a script that is held.
pub(super) async fn add_version(
    tx: &mut PgConnection,
    scope: &OrgScope,
    script: &Script,
    (note, file): (&str, &ScriptFile),
    now: Time,
) -> Result<Script, Problem> {
    model::check(file)?;
    let number = script.newest_version + 1;
    db::insert_version(tx, scope, (script.id, number), (note, file), now).await?;
    let after = db::find(tx, scope, script.id).await?.ok_or_else(model::not_found)?;
    let event = AuditEvent { action: "script_version.created", target: after.target(), detail: told(file, number) };
    audit::record(tx, scope, now.0, event).await?;
    Ok(after)
}

/// What the audit log keeps of a version.
fn told(file: &ScriptFile, number: i32) -> Value {
    json!({
        "version": number,
        "interpreter": file.interpreter.as_str(),
        "sha256": sha256(&file.text),
        "bytes": file.text.len(),
        "context": file.context.as_str(),
        "parameters": file.parameters.iter().map(|parameter| &parameter.name).collect::<Vec<_>>(),
    })
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScriptImportOutcome)]
pub(crate) enum Imported {
    /// There was no such script.
    Created,
    /// The script has another version now.
    NewVersion,
    /// The newest version is like the file.
    Unchanged,
}

/// Puts a file into the library.
pub(super) async fn put(
    tx: &mut PgConnection,
    scope: &OrgScope,
    file: &ScriptFile,
    now: Time,
) -> Result<(Script, Imported), Problem> {
    model::check(file)?;
    let Some(script) = db::named(tx, scope, file).await? else {
        return Ok((create(tx, scope, ("", file), now).await?, Imported::Created));
    };
    db::lock(tx, scope, script.id).await?;
    let script = db::find(tx, scope, script.id).await?.ok_or_else(model::not_found)?;
    let newest = db::versions(tx, scope, script.id, Some(script.newest_version)).await?.pop();
    let newest = file_of(&script, newest.ok_or_else(model::no_such_version)?)?;
    // names are told apart without regard to case, and what is said of a script is no part of its versions
    let named = ScriptFile {
        name: newest.name.clone(),
        folder: newest.folder.clone(),
        description: newest.description.clone(),
        ..file.clone()
    };
    if named == newest {
        return Ok((script, Imported::Unchanged));
    }
    Ok((add_version(tx, scope, &script, ("From a file", file), now).await?, Imported::NewVersion))
}

/// A version as it leaves the library.
pub(super) fn file_of(script: &Script, version: ScriptVersion) -> Result<ScriptFile, Problem> {
    let read = |text: &str| serde_json::from_value(text.into());
    let platforms = version.platforms.iter().map(|platform| read(platform)).collect::<Result<_, _>>();
    let context = serde_json::from_value(version.context.as_str().into()).map_err(Problem::internal)?;
    Ok(ScriptFile {
        name: script.name.clone(),
        folder: script.folder.clone(),
        description: script.description.clone(),
        interpreter: Interpreter::parse(&version.interpreter).map_err(Problem::internal)?,
        platforms: platforms.map_err(Problem::internal)?,
        context,
        elevated: context == Context::System,
        timeout_seconds: version.timeout_seconds.unsigned_abs(),
        parameters: version.parameters,
        environment: version.environment,
        text: version.text,
    })
}

/// A name for the file, of letters, digits and hyphens: `free-disk-space.cmd`.
pub(super) fn file_name(file: &ScriptFile) -> String {
    let words = file.name.to_lowercase();
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let stem = words.collect::<Vec<_>>().join("-");
    let ending = match file.interpreter.program().as_str() {
        "cmd" => "cmd",
        "powershell" | "pwsh" => "ps1",
        program if program.starts_with("python") => "py",
        "perl" => "pl",
        "ruby" => "rb",
        "node" => "js",
        _ => "sh",
    };
    format!("{}.{ending}", if stem.is_empty() { "script" } else { &stem })
}

/// Whether a script can be called so.
pub(super) fn check_naming(naming: &Naming) -> Result<(), Problem> {
    let faults = gururmm_scripts::script::check_naming(&naming.name, &naming.folder, &naming.description);
    faults.map_err(|faults| Problem::validation(faults.into_iter().map(FieldError::from).collect()))
}
