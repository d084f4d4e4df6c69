//! `DELETE /api/schedules/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::ScheduleId;

use crate::app::AppState;
use crate::features::schedules::{db, edit, model};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;

/// Delete a schedule
///
/// What it has run stays.
#[utoipa::path(delete, path = "/schedules/{id}", operation_id = "schedule_delete", tag = "schedules", params(("id" = ScheduleId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("schedules.edit"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_delete(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScheduleId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::SchedulesEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let schedule = edit::locked(&mut tx, &scope, id).await?.shown();
    scope.at(schedule.place())?;
    if !db::delete(&mut tx, &scope, id).await? {
        return Err(model::not_found());
    }
    let event = AuditEvent { action: "schedule.deleted", target: schedule.target(), detail: schedule.told() };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::SchedulesChanged {});
    Ok(StatusCode::NO_CONTENT)
}
