//! `GET /api/schedules/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScheduleId;

use crate::app::AppState;
use crate::features::schedules::model::{self, ScheduleDetails};
use crate::features::schedules::{db, zones};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// How many times to come are told.
pub(super) const NEXT: usize = 10;

/// Look at a schedule
#[utoipa::path(get, path = "/schedules/{id}", operation_id = "schedule_get", tag = "schedules", params(("id" = ScheduleId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("schedules.view"))),
    responses((status = 200, body = ScheduleDetails), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScheduleId>,
) -> Result<Json<ScheduleDetails>, Problem> {
    let scope = caller.require(Permission::SchedulesView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let row = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let digest = row.digest();
    let schedule = row.shown();
    let mut next = Vec::new();
    if schedule.status == "active" {
        let zones = zones::of_place(&mut tx, &scope, schedule.place(), schedule.trigger.time_zone()).await?;
        let clocks: Vec<_> = zones.iter().map(zones::Zone::named).collect();
        next = schedule.trigger.next(&clocks, app.clock.now(), NEXT);
    }
    Ok(Json(ScheduleDetails { schedule, next, digest }))
}
