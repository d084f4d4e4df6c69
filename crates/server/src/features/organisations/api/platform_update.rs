//! `PUT /api/platform/organisations/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::OrgId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::platform_list::operator;
use crate::app::AppState;
use crate::features::organisations::db;
use crate::features::organisations::model::{self, Limits};
use crate::platform::auth::Caller;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = PlatformOrganisationUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// What it may have from now on: all of its limits; absent: as it is.
    limits: Option<Limits>,
    /// Whether it is suspended; absent: as it is.
    suspended: Option<bool>,
}

/// Set an organisation's limits, suspend or resume it, for operators of the platform
///
/// A suspended organisation lets nobody in; its machines go on reporting. It is told in the organisation's audit log.
#[utoipa::path(put, path = "/platform/organisations/{id}", operation_id = "platform_organisation_update", tag = "platform",
    params(("id" = OrgId, Path)), request_body = Update, security(("bearer" = [])), extensions(("x-permission" = json!("operator"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn platform_organisation_update(
    State(app): State<AppState>,
    caller: Caller,
    origin: Origin,
    Path(id): Path<OrgId>,
    Body(body): Body<Update>,
) -> Result<StatusCode, Problem> {
    let operator = operator(&app, &caller).await?;
    let (limits, now) = (body.limits.map(Limits::check).transpose()?, Time(app.clock.now()));
    if body.suspended == Some(true) && id == caller.identity.org_id {
        return Err(Problem::field(
            "suspended",
            "You are signed in to this organisation: switch to another one first.",
        ));
    }
    let mut tx = app.db.begin_lookup().await?;
    if !db::update(&mut tx, operator, id, limits, body.suspended, &origin, now).await? {
        return Err(model::not_found());
    }
    tx.commit().await?;
    app.role_changed(id);
    Ok(StatusCode::NO_CONTENT)
}
