//! `POST /api/schedules/preview`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ClientId, ScriptId, SiteId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::get::NEXT;
use crate::app::AppState;
use crate::features::command_runs::{self, Preview, Wanted};
use crate::features::schedules::trigger::{Occurrence, Trigger};
use crate::features::schedules::{edit, zones};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SchedulePreviewRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// The client; absent: the whole organisation.
    client_id: Option<ClientId>,
    /// The site; absent: the whole client, or the organisation.
    site_id: Option<SiteId>,
    /// What sets it off.
    trigger: Trigger,
    /// Which machines of its place, to see how many they are.
    targets: Option<Wanted>,
    /// The script, to see how many machines it is for.
    script_id: Option<ScriptId>,
    /// The number of the version; the approved one unless told.
    script_version: Option<i32>,
    /// Values for the script's parameters.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// What a schedule would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SchedulePreview)]
pub(crate) struct Shown {
    /// What sets it off, in a sentence.
    sentence: String,
    /// The next ten times.
    next: Vec<Occurrence>,
    /// What it would reach now, where machines were asked for.
    reach: Option<Preview>,
}

/// See what a schedule would do
///
/// Stores nothing: its next times, and how many machines it would reach now.
#[utoipa::path(post, path = "/schedules/preview", operation_id = "schedule_preview", tag = "schedules", request_body = Request,
    security(("bearer" = [])), extensions(("x-permission" = json!("schedules.edit"))),
    responses((status = 200, body = Shown), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_preview(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Request>,
) -> Result<Json<Shown>, Problem> {
    let scope = caller.require(Permission::SchedulesEdit)?;
    let trigger = body.trigger.checked()?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let place = edit::place(&mut tx, &scope, (body.client_id, body.site_id)).await?;
    let zones = zones::of_place(&mut tx, &scope, place, trigger.time_zone()).await?;
    let script = match body.script_id {
        Some(id) => {
            Some(edit::script(&mut tx, (&caller, &scope), (id, body.script_version), body.parameters, place).await?)
        }
        None => None,
    };
    drop(tx);
    let reach = match body.targets {
        Some(targets) => {
            let there = scope.within(place);
            let mut tx = app.db.begin_scoped(&there).await?;
            Some(command_runs::preview(&mut tx, &there, &targets, script.as_ref()).await?)
        }
        None => None,
    };
    let clocks: Vec<_> = zones.iter().map(zones::Zone::named).collect();
    let next = trigger.next(&clocks, app.clock.now(), NEXT);
    Ok(Json(Shown { sentence: trigger.sentence(), next, reach }))
}
