//! `POST /api/commands/stop-all`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::command_runs::{db, stop};
use crate::features::commands;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

const REASON_MAX: usize = 500;

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CommandStopAll)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopAll {
    /// Why, for whoever wonders; 1 to 500 characters.
    reason: String,
}

/// What was stopped.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommandsStopped)]
pub(crate) struct Stopped {
    /// Commands that had begun, or were on their way: their machines are told to end them.
    told: i64,
}

/// Stop all commands of the organisation
///
/// Everything that waits is cancelled, everything that runs is ended, and nothing starts until somebody lets it (`command_start_again`): neither
/// commands nor runs.
#[utoipa::path(post, path = "/commands/stop-all", operation_id = "command_stop_all", tag = "command runs", request_body = StopAll,
    security(("bearer" = [])), extensions(("x-permission" = json!("commands.stop_all"))),
    responses((status = 200, body = Stopped), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_stop_all(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<StopAll>,
) -> Result<Json<Stopped>, Problem> {
    let scope = caller.require(Permission::CommandsStopAll)?;
    let reason = body.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(Problem::field("reason", format!("Say why in 1 to {REASON_MAX} characters.")));
    }
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let told = db::stop_all(&mut tx, reason, &caller.identity.user_name, now).await?.ok_or_else(commands::stopped)?;
    let detail = json!({ "reason": reason, "running": told });
    let target = Target::organisation(scope.org_id);
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "organisation.commands_stopped", target, detail })
        .await?;
    tx.commit().await?;
    // a job goes on with it should this fail
    stop::give_up(&app).await?;
    app.live.publish(scope.org_id, LiveKind::CommandsStopped {});
    Ok(Json(Stopped { told }))
}
