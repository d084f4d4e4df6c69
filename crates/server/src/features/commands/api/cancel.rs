//! `POST /api/commands/{id}/cancel`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CommandId;
use serde_json::json;

use crate::app::AppState;
use crate::features::commands::db;
use crate::features::commands::model::{self, Command};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Cancel a command
///
/// One that waits is cancelled at once; one that runs is ended on its machine with all its children, now or when the machine comes back.
#[utoipa::path(post, path = "/commands/{id}/cancel", operation_id = "command_cancel", tag = "commands", params(("id" = CommandId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("commands.run"))),
    responses((status = 200, body = Command), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_cancel(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandId>,
) -> Result<Json<Command>, Problem> {
    let scope = caller.require(Permission::CommandsRun)?;
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    let asked = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    scope.at(asked.target().place())?;
    let is_open = db::request_cancel(&mut tx, &scope, id, Time(now)).await?;
    let command = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    if !is_open {
        return Err(Problem::conflict(
            "command_not_cancellable",
            format!("This command has ended already: it is {}.", command.status),
        ));
    }
    let event = AuditEvent {
        action: "command.cancel_requested",
        target: command.target(),
        detail: json!({ "agent_id": command.agent_id }),
    };
    audit::record(&mut tx, &scope, now, event).await?;
    tx.commit().await?;
    if !command.is_ended() {
        app.gateway.send_cancel(command.agent_id, id);
    }
    let status = if command.is_ended() {
        "cancelled"
    } else if command.started_at.is_some() {
        "running"
    } else {
        "queued"
    };
    app.live.publish(scope.org_id, LiveKind::CommandChanged { command_id: id, agent_id: command.agent_id, status });
    Ok(Json(command))
}
