//! `POST /api/sites`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::{ClientId, SiteId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::sites::db;
use crate::features::sites::model::{self, Site};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, Place};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::validate;

#[derive(Deserialize, ToSchema)]
#[schema(as = SiteCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// The client it belongs to, for ever.
    client_id: ClientId,
    /// 1 to 200 characters, unique within the client.
    name: String,
    /// The time zone of its schedules, such as `Europe/Berlin`; that of the organisation unless told.
    time_zone: Option<String>,
}

/// Create a site
#[utoipa::path(post, path = "/sites", operation_id = "site_create", tag = "sites", request_body = Create, security(("bearer" = [])), extensions(("x-permission" = json!("sites.edit"))),
    responses((status = 201, body = Site), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Site>), Problem> {
    let scope = caller.require(Permission::SitesEdit)?;
    scope.at(Place::Client(body.client_id))?;
    let name = validate::name("name", &body.name)?;
    let time_zone = body.time_zone.map(|text| validate::time_zone("time_zone", &text)).transpose()?;
    let (id, now) = (SiteId::generate(), app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    match db::insert(&mut tx, &scope, id, body.client_id, (&name, time_zone.as_deref()), now).await {
        // the key holds (organisation, client): another organisation's client is no client here
        Err(error) if violates(&error, "sites_client_fkey") => {
            return Err(Problem::field("client_id", "There is no such client."));
        }
        Err(error) if violates(&error, "sites_name") => return Err(model::name_taken()),
        result => result?,
    }
    let site = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let event = AuditEvent {
        action: "site.created",
        target: site.target(),
        detail: json!({ "client_name": site.client_name, "time_zone": site.time_zone }),
    };
    audit::record(&mut tx, &scope, now, event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    Ok((StatusCode::CREATED, Json(site)))
}
