//! `POST /api/command-runs/{id}/stop`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CommandRunId;
use serde_json::json;

use crate::app::AppState;
use crate::features::command_runs::create::seen;
use crate::features::command_runs::model::{self, Run};
use crate::features::command_runs::{db, stop};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Path, Problem};
use crate::platform::time::Time;

/// Stop a run
///
/// What has not begun never does; what runs is ended on its machine with all its children, now or when the machine comes back. Whoever asked for a run
/// that waits for approval takes it back by this.
#[utoipa::path(post, path = "/command-runs/{id}/stop", operation_id = "command_run_stop", tag = "command runs",
    params(("id" = CommandRunId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("commands.run"))),
    responses((status = 200, body = Run), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_stop(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandRunId>,
) -> Result<Json<Run>, Problem> {
    let scope = caller.require(Permission::CommandsRun)?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    if !db::is_ours(&mut tx, id).await? {
        return Err(model::not_everywhere("run commands"));
    }
    let to_end = match db::stop(&mut tx, id, "Its run was stopped.", now).await {
        Err(error) if violates(&error, "command_run_over") => return Err(model::over()),
        result => result?,
    };
    let run = seen(&mut tx, &scope, id).await?;
    let event = AuditEvent { action: "command_run.stopped", target: run.target(), detail: json!({ "command": run.beginning(), "running": to_end.len() }) };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    stop::tell_agents(&app, to_end);
    app.touched_runs.add([(scope.org_id, id)]);
    Ok(Json(run))
}
