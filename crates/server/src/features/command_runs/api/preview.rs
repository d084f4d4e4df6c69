//! `POST /api/command-runs/preview`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::command_runs::create;
use crate::features::command_runs::targets::{Preview, Wanted};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CommandRunPreviewRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// On which machines.
    targets: Wanted,
}

/// See what a run would reach
///
/// Runs nothing: how many machines would be told, which would be left out, and whether a second person has to approve.
#[utoipa::path(post, path = "/command-runs/preview", operation_id = "command_run_preview", tag = "command runs", request_body = Request,
    security(("bearer" = [])), extensions(("x-permission" = json!("commands.run"))),
    responses((status = 200, body = Preview), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_preview(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Request>,
) -> Result<Json<Preview>, Problem> {
    let scope = caller.require(Permission::CommandsRun)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(create::preview(&mut tx, &scope, &body.targets, None).await?))
}
