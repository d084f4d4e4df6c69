//! `POST /api/command-runs/{id}/reject`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CommandRunId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::command_runs::decide::{self, Decision};
use crate::features::command_runs::model::Run;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CommandRunReject)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reject {
    /// What to say about it, at most 1,000 characters.
    reason: Option<String>,
}

/// Reject a run
///
/// By a person other than the one who asked, who may decide at every machine of it. Nothing of it runs.
#[utoipa::path(post, path = "/command-runs/{id}/reject", operation_id = "command_run_reject", tag = "command runs",
    params(("id" = CommandRunId, Path)), request_body = Reject, security(("bearer" = [])),
    extensions(("x-permission" = json!("commands.approve"))), responses((status = 200, body = Run), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_reject(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandRunId>,
    Body(body): Body<Reject>,
) -> Result<Json<Run>, Problem> {
    let scope = caller.require(Permission::CommandsApprove)?;
    let decided = app.tasks.spawn(decide::decide(app.clone(), scope, id, Decision::Reject, body.reason));
    Ok(Json(decided.await.map_err(Problem::internal)??))
}
