//! `PATCH /api/organisation`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::organisations::db::{self, Changed};
use crate::features::organisations::model::Organisation;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Patch, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;
use crate::platform::validate;

const THRESHOLD: std::ops::RangeInclusive<i32> = 1..=20_000;
const COMMAND_DAYS: std::ops::RangeInclusive<i32> = 7..=4_000;

#[derive(Deserialize, ToSchema)]
#[schema(as = OrganisationUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 200 characters.
    name: Option<String>,
    /// A second person decides about runs on more machines than this, 1 to 20,000; null: never.
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    approval_threshold: Patch<i32>,
    /// Days for which commands that have ended are kept, with their output, 7 to 4,000; null: for ever. What is older is removed within a day and does
    /// not come back; what the audit log tells of it stays.
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    command_days: Patch<i32>,
    /// Whether who has written a version of a script may not approve it.
    scripts_need_other_person: Option<bool>,
    /// The time zone of sites that name none, such as `Europe/Berlin`.
    time_zone: Option<String>,
}

/// Change the organisation's name and rules
#[utoipa::path(patch, path = "/organisation", operation_id = "organisation_update", tag = "organisation", request_body = Update,
    security(("bearer" = [])), extensions(("x-permission" = json!("organisation.edit"))),
    responses((status = 200, body = Organisation), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn organisation_update(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Update>,
) -> Result<Json<Organisation>, Problem> {
    let scope = caller.require(Permission::OrganisationEdit)?;
    let name = body.name.map(|name| validate::name("name", &name)).transpose()?;
    let time_zone = body.time_zone.map(|text| validate::time_zone("time_zone", &text)).transpose()?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope).await?;
    let before = db::own(&mut tx, &scope).await?;
    let too_many = || Problem::field("approval_threshold", "Between 1 and 20,000 machines, or null for never.");
    let too_long = || Problem::field("command_days", "Between 7 and 4,000 days, or null for ever.");
    let threshold = body
        .approval_threshold
        .try_map(|count| Some(count).filter(|it| THRESHOLD.contains(it)).ok_or_else(too_many))?;
    let days =
        body.command_days.try_map(|days| Some(days).filter(|it| COMMAND_DAYS.contains(it)).ok_or_else(too_long))?;
    let as_it_is = Changed::of(&before);
    let wished = Changed {
        name: name.unwrap_or_else(|| before.name.clone()),
        approval_threshold: threshold.or(before.approval_threshold),
        command_days: days.or(before.command_days),
        scripts_need_other_person: body.scripts_need_other_person.unwrap_or(before.scripts_need_other_person),
        time_zone: time_zone.unwrap_or_else(|| before.time_zone.clone()),
    };
    if wished == as_it_is {
        return Ok(Json(before));
    }
    db::change(&mut tx, &scope, &wished, now).await?;
    let after = db::own(&mut tx, &scope).await?;
    let target = Target { name: Some(&after.name), ..Target::organisation(scope.org_id) };
    let told = |of: &Organisation| {
        json!({ "name": of.name, "approval_threshold": of.approval_threshold, "command_days": of.command_days,
        "scripts_need_other_person": of.scripts_need_other_person, "time_zone": of.time_zone })
    };
    let detail = json!({ "before": told(&before), "after": told(&after) });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "organisation.updated", target, detail }).await?;
    tx.commit().await?;
    app.role_changed(scope.org_id);
    if before.time_zone != after.time_zone {
        app.live.publish(scope.org_id, LiveKind::SchedulesChanged {});
    }
    Ok(Json(after))
}
