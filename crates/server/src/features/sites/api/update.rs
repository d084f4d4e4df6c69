//! `PATCH /api/sites/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::SiteId;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::sites::db;
use crate::features::sites::model::{self, Site};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Patch, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::validate::{self, name};

#[derive(Deserialize, ToSchema)]
#[schema(as = SiteUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 200 characters, unique within the client.
    name: Option<String>,
    /// Removes machines that have been offline for so many days, 1 to 365; null never, absent as it is.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    remove_after_days: Patch<i64>,
    /// The time zone in which schedules of its machines are due, such as `Europe/Berlin`; null the organisation's, absent as it is.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    time_zone: Patch<String>,
}

/// Change a site
///
/// To let it remove machines by itself, or sooner, needs the permission `agents.delete` besides.
#[utoipa::path(patch, path = "/sites/{id}", operation_id = "site_update", tag = "sites", params(("id" = SiteId, Path)),
    request_body = Update, security(("bearer" = [])), extensions(("x-permission" = json!("sites.edit"))),
    responses((status = 200, body = Site), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SiteId>,
    Body(body): Body<Update>,
) -> Result<Json<Site>, Problem> {
    let scope = caller.require(Permission::SitesEdit)?;
    let new_name = body.name.as_deref().map(|text| name("name", text)).transpose()?;
    let remove_after_days = body.remove_after_days.try_map(model::remove_after)?;
    let time_zone = body.time_zone.try_map(|text| validate::time_zone("time_zone", &text))?;
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    scope.at(before.target().place())?;
    let is_as_wished = new_name.as_ref().is_none_or(|name| *name == before.name)
        && remove_after_days.or(before.remove_after_days) == before.remove_after_days
        && time_zone.clone().or(before.time_zone.clone()) == before.time_zone;
    if is_as_wished {
        return Ok(Json(before));
    }
    if let Patch::Set(days) = remove_after_days
        && before.remove_after_days.is_none_or(|before| days < before)
    {
        // it removes machines by itself
        giving::must_hold(caller.access(), Permission::AgentsDelete, before.target().place())?;
    }
    match db::update(&mut tx, &scope, id, new_name.as_deref(), (remove_after_days, time_zone), now).await {
        Err(error) if violates(&error, "sites_name") => return Err(model::name_taken()),
        result => result?,
    };
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "before": told(&before), "after": told(&after) });
    audit::record(&mut tx, &scope, now, AuditEvent { action: "site.updated", target: after.target(), detail }).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    Ok(Json(after))
}

fn told(site: &Site) -> Value {
    json!({ "name": site.name, "remove_after_days": site.remove_after_days, "time_zone": site.time_zone })
}
