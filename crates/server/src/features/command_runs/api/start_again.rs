//! `POST /api/commands/start-again`

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;

use crate::app::AppState;
use crate::features::command_runs::db;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Let commands start again
///
/// After `command_stop_all`. What was stopped stays so.
#[utoipa::path(post, path = "/commands/start-again", operation_id = "command_start_again", tag = "command runs", security(("bearer" = [])),
    extensions(("x-permission" = json!("commands.stop_all"))), responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_start_again(State(app): State<AppState>, caller: Caller) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::CommandsStopAll)?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    if !db::start_again(&mut tx, now).await? {
        return Err(Problem::conflict("commands_not_stopped", "Commands are not stopped; there is nothing to do."));
    }
    let target = Target::organisation(scope.org_id);
    let event = AuditEvent { action: "organisation.commands_started", target, detail: json!({}) };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::CommandsStopped {});
    Ok(StatusCode::NO_CONTENT)
}
