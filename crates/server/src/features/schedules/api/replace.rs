//! `PUT /api/schedules/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScheduleId;
use serde_json::json;

use crate::app::AppState;
use crate::features::schedules::edit::{self, Wish};
use crate::features::schedules::model::Schedule;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;

/// Say anew what a schedule does
///
/// From now on it works in the caller's name; a second person's approval ends. One that was suspended works again, one that is paused stays so.
#[utoipa::path(put, path = "/schedules/{id}", operation_id = "schedule_replace", tag = "schedules", params(("id" = ScheduleId, Path)),
    request_body = Wish, security(("bearer" = [])), extensions(("x-permission" = json!("schedules.edit"))),
    responses((status = 200, body = Schedule), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_replace(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScheduleId>,
    Body(body): Body<Wish>,
) -> Result<Json<Schedule>, Problem> {
    let scope = caller.require(Permission::SchedulesEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let row = edit::locked(&mut tx, &scope, id).await?;
    if let Some(read) = &body.based_on {
        row.must_be(read)?;
    }
    let before = row.shown();
    scope.at(before.place())?;
    let after = edit::save(&app, &mut tx, (&caller, &scope), (id, Some(&before)), body).await?;
    let detail = json!({ "before": before.told(), "after": after.told() });
    let event = AuditEvent { action: "schedule.updated", target: after.target(), detail };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::SchedulesChanged {});
    Ok(Json(after))
}
