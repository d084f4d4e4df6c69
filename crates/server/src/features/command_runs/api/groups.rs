//! `GET /api/command-runs/{id}/groups`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CommandRunId;

use crate::app::AppState;
use crate::features::command_runs::groups::{self, Groups};
use crate::features::command_runs::{db, model};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Group the machines of a run
///
/// By how they ended, their exit code and their output, the largest groups first. Only what has ended is in a group.
#[utoipa::path(get, path = "/command-runs/{id}/groups", operation_id = "command_run_groups", tag = "command runs",
    params(("id" = CommandRunId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("commands.view"))),
    responses((status = 200, body = Groups), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_groups(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandRunId>,
) -> Result<Json<Groups>, Problem> {
    let scope = caller.require(Permission::CommandsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    Ok(Json(groups::of(&mut tx, id).await?))
}
