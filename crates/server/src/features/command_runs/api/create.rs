//! `POST /api/command-runs`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::command_runs::create::{self, Wanting, Work};
use crate::features::command_runs::model::Run;
use crate::features::command_runs::pace::Pace;
use crate::features::command_runs::targets::Wanted;
use crate::features::commands::Wish;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CommandRunCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// On which machines.
    targets: Wanted,
    /// What.
    what: Wish,
    /// How fast, and in which order; all at once unless told.
    #[serde(default)]
    pace: Pace,
    /// How long an absent machine may take to come back, and its turn to come, 30 to 2,592,000; a day unless told.
    expires_in_seconds: Option<i64>,
}

/// Run a command on many machines
///
/// Answers when every command is stored, and on its way to whichever machine is there. Machines on which the caller may run nothing, and those that
/// may not work, are left out and counted in `refused`. Above so many machines as the organisation says (`approval_threshold`) a second person has to
/// approve first.
#[utoipa::path(post, path = "/command-runs", operation_id = "command_run_create", tag = "command runs", request_body = Create,
    security(("bearer" = [])), extensions(("x-permission" = json!("commands.run"))),
    responses((status = 202, body = Run), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let scope = caller.require(Permission::CommandsRun)?;
    let Create { targets, what, pace, expires_in_seconds } = body;
    let work = Work::Text(what);
    let wanting = Wanting { targets, work, pace, expires_in_seconds, rerun_of: None, scheduled: None };
    // a task of its own: who hangs up after the run was stored must not keep it from its machines
    let run = app.tasks.spawn(create::create(app.clone(), scope, wanting)).await.map_err(Problem::internal)??;
    Ok((StatusCode::ACCEPTED, Json(run)))
}
