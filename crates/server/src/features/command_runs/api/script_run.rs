//! `POST /api/scripts/{id}/run`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::ScriptId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::command_runs::create::{self, Wanting, Work};
use crate::features::command_runs::model::Run;
use crate::features::command_runs::pace::Pace;
use crate::features::command_runs::targets::Wanted;
use crate::features::scripts;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ScriptRun)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptRun {
    /// On which machines.
    targets: Wanted,
    /// The number of the version; the approved one unless told. Another one needs `commands.run` on the machines.
    number: Option<i32>,
    /// Values for its parameters by their names, as text. They are kept with the run: no place for secrets.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    /// How fast, and in which order; all at once unless told.
    #[serde(default)]
    pace: Pace,
    /// How long an absent machine may take to come back, and its turn to come, 30 to 2,592,000; a day unless told.
    expires_in_seconds: Option<i64>,
}

/// Run a script
///
/// On one machine or many; what comes of it is a run of commands. Machines of other systems than the script is for, and those that have no value of
/// something that it requires, are left out and counted in `refused`.
#[utoipa::path(post, path = "/scripts/{id}/run", operation_id = "script_run", tag = "scripts", params(("id" = ScriptId, Path)),
    request_body = ScriptRun, security(("bearer" = [])), extensions(("x-permission" = json!("scripts.run"))),
    responses((status = 202, body = Run), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_run(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
    Body(body): Body<ScriptRun>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let ScriptRun { targets, number, parameters, pace, expires_in_seconds } = body;
    let mut scope = caller.require(Permission::ScriptsRun)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let script = scripts::find_use(&mut tx, &scope, (id, number), parameters).await?;
    drop(tx);
    if !script.is_approved() {
        // as good as any text that they could write
        scope = caller.require(Permission::CommandsRun)?;
    }
    let work = Work::Script(Box::new(script));
    let wanting = Wanting { targets, work, pace, expires_in_seconds, rerun_of: None, scheduled: None };
    let run = app.tasks.spawn(create::create(app.clone(), scope, wanting)).await.map_err(Problem::internal)??;
    Ok((StatusCode::ACCEPTED, Json(run)))
}
