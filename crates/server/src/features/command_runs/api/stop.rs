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
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::time::Time;

/// Stop a run
///
/// What has not begun never does; what runs is ended on its machine with all its children, now or when the machine comes back. Whoever asked for a run
/// that waits for approval takes it back by this, also if they may run scripts only.
#[utoipa::path(post, path = "/command-runs/{id}/stop", operation_id = "command_run_stop", tag = "command runs",
    params(("id" = CommandRunId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("commands.run"))),
    responses((status = 200, body = Run), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_stop(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandRunId>,
) -> Result<Json<Run>, Problem> {
    let scope = caller.require(Permission::CommandsRun).or_else(|refused| own_scope(&caller).ok_or(refused))?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let is_own = before.created_by == scope.user_id;
    if !db::is_ours(&mut tx, id).await? || (scope.permission == Some(Permission::ScriptsRun) && !is_own) {
        return Err(model::not_everywhere("run commands"));
    }
    if !db::stop(&mut tx, id, "Somebody stopped it.", now).await? {
        return Err(model::over());
    }
    let run = seen(&mut tx, &scope, id).await?;
    let detail = json!({ "command": run.beginning(), "open": run.counts.open() });
    let event = AuditEvent { action: "command_run.stopped", target: run.target(), detail };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    stop::give_up(&app).await?;
    app.touched_runs.add([(scope.org_id, id)]);
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(seen(&mut tx, &scope, id).await?))
}

/// Whoever may run scripts only stops what they have asked for.
fn own_scope(caller: &Caller) -> Option<OrgScope> {
    caller.require(Permission::ScriptsRun).ok()
}
