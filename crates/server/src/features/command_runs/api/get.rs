//! `GET /api/command-runs/{id}`

use std::collections::BTreeMap;

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
    /// While it waits for a decision of the caller: a digest of all that is decided about, which the decision names.
    digest: Option<String>,
    /// While it waits for a decision of the caller: the values of its variables, for which they answer.
    environment: Option<BTreeMap<String, Option<String>>>,
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
    let run = seen(&mut tx, &scope, id).await?.named_for(&caller);
    drop(tx);
    let (digest, environment) = to_decide(&app, &caller, &run).await?.unzip();
    Ok(Json(Detail { run, digest, environment }))
}

/// What somebody has to know who may decide about a run.
async fn to_decide(
    app: &AppState,
    caller: &Caller,
    run: &Run,
) -> Result<Option<(String, BTreeMap<String, Option<String>>)>, Problem> {
    let Ok(scope) = caller.require(Permission::CommandsApprove) else { return Ok(None) };
    let mut tx = app.db.begin_scoped(&scope).await?;
    if run.status != "awaiting_approval" || !db::is_ours(&mut tx, run.id).await? {
        return Ok(None);
    }
    let Some(digest) = db::digest(&mut tx, run.id).await? else { return Ok(None) };
    Ok(Some((digest, db::environment(&mut tx, run.id).await?)))
}
