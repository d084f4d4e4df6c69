//! `POST /api/schedules/{id}/resume`

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

/// Let a schedule work again
///
/// After a pause, or when it was suspended and what was in its way is mended. What came meanwhile is not made up for.
#[utoipa::path(post, path = "/schedules/{id}/resume", operation_id = "schedule_resume", tag = "schedules", params(("id" = ScheduleId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("schedules.edit"))),
    responses((status = 200, body = Schedule), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_resume(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScheduleId>,
) -> Result<Json<Schedule>, Problem> {
    let scope = caller.require(Permission::SchedulesEdit)?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let row = edit::locked(&mut tx, &scope, id).await?;
    let mandate = row.opened(&scope, &app.secrets)?;
    let before = row.shown();
    scope.at(before.place())?;
    if before.status == Status::Active.as_str() {
        return Ok(Json(before));
    }
    // what saving it would need
    let script = (mandate.script_id, Some(mandate.script_version));
    edit::script(&mut tx, (&caller, &scope), script, mandate.parameters.clone(), before.place()).await?;
    db::set_status(&mut tx, &scope, id, Status::Active, now).await?;
    edit::begin(&mut tx, &scope, &mandate, now).await?;
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.shown();
    let detail = json!({ "before": { "status": before.status }, "after": { "status": after.status } });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "schedule.resumed", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::SchedulesChanged {});
    Ok(Json(after))
}
