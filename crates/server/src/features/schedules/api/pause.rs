//! `POST /api/schedules/{id}/pause`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScheduleId;
use serde_json::json;

use crate::app::AppState;
use crate::features::schedules::model::{self, Schedule, Status};
use crate::features::schedules::{db, edit};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Pause a schedule
///
/// What comes meanwhile is not made up for.
#[utoipa::path(post, path = "/schedules/{id}/pause", operation_id = "schedule_pause", tag = "schedules", params(("id" = ScheduleId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("schedules.edit"))),
    responses((status = 200, body = Schedule), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_pause(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScheduleId>,
) -> Result<Json<Schedule>, Problem> {
    let scope = caller.require(Permission::SchedulesEdit)?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let row = edit::locked(&mut tx, &scope, id).await?;
    let before = row.shown();
    scope.at(before.place())?;
    if before.status == Status::Paused.as_str() {
        return Ok(Json(before));
    }
    db::set_status(&mut tx, &scope, id, Status::Paused, now).await?;
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.shown();
    let detail = json!({ "before": { "status": before.status }, "after": { "status": after.status } });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "schedule.paused", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::SchedulesChanged {});
    Ok(Json(after))
}
