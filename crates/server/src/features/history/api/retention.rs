//! `GET` and `PATCH /api/history/retention`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::history::{Retention, db};
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};

/// How long an organisation keeps its measurements.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetentionView {
    /// What is kept of this organisation.
    kept: Retention,
    /// What this server keeps at most.
    most: Retention,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = RetentionUpdate)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the unit is part of the name, as in the configuration")]
pub(crate) struct Update {
    /// Days for single measurements; at least 2.
    measurements_days: Option<u32>,
    /// Days for roll-ups of 5 minutes; at least 2.
    five_minutes_days: Option<u32>,
    /// Days for roll-ups of an hour; at least 2.
    hours_days: Option<u32>,
}

/// Get the retention
///
/// For how many days the organisation's measurements and their roll-ups are kept.
#[utoipa::path(get, path = "/history/retention", operation_id = "history_retention_get", tag = "history", security(("bearer" = [])), extensions(("x-permission" = json!("organisation.view"))),
    responses((status = 200, body = RetentionView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn history_retention_get(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<RetentionView>, Problem> {
    let scope = caller.require(Permission::OrganisationView)?;
    let most = Retention::of_server(&app.config);
    let mut tx = app.db.begin_scoped(&scope).await?;
    let kept = db::retention(&mut tx, &scope).await?.map_or(most, |kept| kept.within(most));
    Ok(Json(RetentionView { kept, most }))
}

/// Change the retention
///
/// What is older is deleted within an hour and does not come back.
#[utoipa::path(patch, path = "/history/retention", operation_id = "history_retention_update", tag = "history", request_body = Update,
    security(("bearer" = [])), extensions(("x-permission" = json!("organisation.edit"))),
    responses((status = 200, body = RetentionView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn history_retention_update(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Update>,
) -> Result<Json<RetentionView>, Problem> {
    let scope = caller.require(Permission::OrganisationEdit)?;
    let most = Retention::of_server(&app.config);
    let mut tx = app.db.begin_scoped(&scope).await?;
    let before = db::retention(&mut tx, &scope).await?.map_or(most, |kept| kept.within(most));
    let kept = Retention {
        measurements_days: body.measurements_days.unwrap_or(before.measurements_days),
        five_minutes_days: body.five_minutes_days.unwrap_or(before.five_minutes_days),
        hours_days: body.hours_days.unwrap_or(before.hours_days),
    };
    kept.check(most)?;
    if kept != before {
        let now = app.clock.now();
        db::set_retention(&mut tx, &scope, kept, now).await?;
        let detail = json!({ "before": before, "after": kept });
        let target = Target::organisation(scope.org_id);
        audit::record(&mut tx, &scope, now, AuditEvent { action: "history.retention_changed", target, detail }).await?;
        tx.commit().await?;
    }
    Ok(Json(RetentionView { kept, most }))
}
