//! `GET /api/command-runs/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CommandRunId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::command_runs::create::seen;
use crate::features::command_runs::db;
use crate::features::command_runs::model::Run;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// A run, and what whoever decides about it has to name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommandRunDetail)]
pub(crate) struct Detail {
    /// The run.
    #[serde(flatten)]
    run: Run,
    /// While it waits for a decision: SHA-256 of all that is decided about, as hexadecimal digits.
    digest: Option<String>,
}

/// Get a run
#[utoipa::path(get, path = "/command-runs/{id}", operation_id = "command_run_get", tag = "command runs", params(("id" = CommandRunId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("commands.view"))),
    responses((status = 200, body = Detail), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandRunId>,
) -> Result<Json<Detail>, Problem> {
    let scope = caller.require(Permission::CommandsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let run = seen(&mut tx, &scope, id).await?;
    let digest = if run.status == "awaiting_approval" { db::digest(&mut tx, id).await? } else { None };
    Ok(Json(Detail { run, digest }))
}
