//! `POST /api/schedules/{id}/approve`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScheduleId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::schedules::mandate::Agreed;
use crate::features::schedules::model::{self, Schedule};
use crate::features::schedules::{db, edit};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

const MACHINES: std::ops::RangeInclusive<i32> = 1..=20_000;

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ScheduleApprove)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approve {
    /// The `digest` of what was read.
    digest: String,
    /// Runs on so many machines begin without being approved one by one, 1 to 20,000.
    machines_max: i32,
}

/// Agree to a schedule beforehand
///
/// Its runs on at most so many machines begin without waiting for a second person each time. Not for whoever changed it last; a change ends it, and so does the loss of the right to decide about runs anywhere at its place.
#[utoipa::path(post, path = "/schedules/{id}/approve", operation_id = "schedule_approve", tag = "schedules", params(("id" = ScheduleId, Path)),
    request_body = Approve, security(("bearer" = [])), extensions(("x-permission" = json!("commands.approve"))),
    responses((status = 200, body = Schedule), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_approve(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScheduleId>,
    Body(body): Body<Approve>,
) -> Result<Json<Schedule>, Problem> {
    let scope = caller.require(Permission::CommandsApprove)?;
    if !MACHINES.contains(&body.machines_max) {
        return Err(Problem::field("machines_max", "Between 1 and 20,000 machines."));
    }
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let row = edit::locked(&mut tx, &scope, id).await?;
    if row.changed_by == scope.user_id {
        return Err(Problem::forbidden("own_request", "You have changed it last; somebody else has to agree."));
    }
    row.must_be(&body.digest)?;
    let mut mandate = row.opened(&scope, &app.secrets)?;
    scope.at_all_of(mandate.place())?;
    mandate.agreed = Some(Agreed { by: scope.user_id, machines_max: body.machines_max });
    db::agree(&mut tx, &scope, id, &mandate.sign(&app.secrets)?, body.machines_max, now).await?;
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.shown();
    let mut detail = after.told();
    detail["machines_max"] = body.machines_max.into();
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "schedule.approved", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::SchedulesChanged {});
    Ok(Json(after))
}
