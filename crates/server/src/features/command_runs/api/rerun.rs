//! `POST /api/command-runs/{id}/rerun`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::CommandRunId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::command_runs::create::{self, Wanting, Work};
use crate::features::command_runs::db;
use crate::features::command_runs::model::{self, Run};
use crate::features::command_runs::pace::Pace;
use crate::features::command_runs::targets::Wanted;
use crate::features::commands::CommandStatus;
use crate::features::scripts;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CommandRunRerun)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rerun {
    /// On the machines whose command stands so; `failed`, `timeout` and `interrupted` unless told.
    statuses: Option<Vec<CommandStatus>>,
    /// Values for the variables of the run, which are not kept: each that it had. None for a script of the library.
    #[serde(default)]
    environment: BTreeMap<String, String>,
}

/// Repeat a run where it failed
///
/// A new run of the same on those machines, at the same pace.
#[utoipa::path(post, path = "/command-runs/{id}/rerun", operation_id = "command_run_rerun", tag = "command runs",
    params(("id" = CommandRunId, Path)), request_body = Rerun, security(("bearer" = [])), extensions(("x-permission" = json!("commands.run"))),
    responses((status = 202, body = Run), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_rerun(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandRunId>,
    Body(body): Body<Rerun>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let scope = caller.require(Permission::CommandsRun)?;
    let failed = || vec![CommandStatus::Failed, CommandStatus::Timeout, CommandStatus::Interrupted];
    let statuses: Vec<String> =
        body.statuses.unwrap_or_else(failed).into_iter().map(|status| status.as_str().to_owned()).collect();
    let mut tx = app.db.begin_scoped(&scope).await?;
    let run = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let agents = db::agents_with(&mut tx, &scope, id, &statuses).await?;
    let script = match run.script_id {
        Some(script) => {
            Some(scripts::find_use(&mut tx, &scope, (script, run.script_version), run.parameters.clone()).await?)
        }
        None => None,
    };
    drop(tx);
    if agents.is_empty() {
        return Err(Problem::conflict(
            "nothing_to_rerun",
            "No machine of this run stands so; there is nothing to repeat.",
        ));
    }
    let asked = if script.is_some() { &[][..] } else { &run.variables };
    if !asked.iter().eq(body.environment.keys()) {
        let names = if asked.is_empty() { "none".to_owned() } else { asked.join(", ") };
        return Err(Problem::field(
            "environment",
            format!("Give a value for each variable that the run had, and no other: {names}."),
        ));
    }
    let wanting = Wanting {
        targets: Wanted::Ids(agents),
        work: match script {
            Some(script) => Work::Script(Box::new(script)),
            None => Work::Text(run.wish(body.environment)?),
        },
        pace: Pace::of(&run)?,
        expires_in_seconds: Some(run.expires_in_seconds.into()),
        rerun_of: Some(run.id),
        scheduled: None,
    };
    let run = app.tasks.spawn(create::create(app.clone(), scope, wanting)).await.map_err(Problem::internal)??;
    Ok((StatusCode::ACCEPTED, Json(run)))
}
