//! `POST /api/command-runs/{id}/approve`

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
#[schema(as = CommandRunApprove)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approve {
    /// The `digest` of the run as it was read: what has changed since is not approved.
    digest: String,
    /// What to say about it, at most 1,000 characters.
    reason: Option<String>,
}

/// Approve a run
///
/// By a person other than the one who asked, who may decide at every machine of it. It begins at once.
#[utoipa::path(post, path = "/command-runs/{id}/approve", operation_id = "command_run_approve", tag = "command runs",
    params(("id" = CommandRunId, Path)), request_body = Approve, security(("bearer" = [])),
    extensions(("x-permission" = json!("commands.approve"))), responses((status = 200, body = Run), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_approve(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandRunId>,
    Body(body): Body<Approve>,
) -> Result<Json<Run>, Problem> {
    let scope = caller.require(Permission::CommandsApprove)?;
    let decision = Decision::Approve { digest: body.digest };
    let decided = app.tasks.spawn(decide::decide(app.clone(), scope, id, decision, body.reason));
    Ok(Json(decided.await.map_err(Problem::internal)??))
}
