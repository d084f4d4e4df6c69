//! `POST /api/schedules`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::ScheduleId;

use crate::app::AppState;
use crate::features::schedules::edit::{self, Wish};
use crate::features::schedules::model::Schedule;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;

/// Make a schedule
///
/// It is active at once, and works in the caller's name with what they may do whenever it is due. An organisation has at most 500.
#[utoipa::path(post, path = "/schedules", operation_id = "schedule_create", tag = "schedules", request_body = Wish, security(("bearer" = [])),
    extensions(("x-permission" = json!("schedules.edit"))), responses((status = 201, body = Schedule), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Wish>,
) -> Result<(StatusCode, Json<Schedule>), Problem> {
    let scope = caller.require(Permission::SchedulesEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let schedule = edit::save(&app, &mut tx, (&caller, &scope), (ScheduleId::generate(), None), body).await?;
    let event = AuditEvent { action: "schedule.created", target: schedule.target(), detail: schedule.told() };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::SchedulesChanged {});
    Ok((StatusCode::CREATED, Json(schedule)))
}
