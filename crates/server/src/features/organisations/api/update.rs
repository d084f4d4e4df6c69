//! `PATCH /api/organisation`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::organisations::db;
use crate::features::organisations::model::Organisation;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::time::Time;
use crate::platform::validate;

#[derive(Deserialize, ToSchema)]
#[schema(as = OrganisationUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 200 characters.
    name: String,
}

/// Name the organisation
#[utoipa::path(patch, path = "/organisation", operation_id = "organisation_update", tag = "organisation", request_body = Update,
    security(("bearer" = [])), extensions(("x-permission" = json!("organisation.edit"))),
    responses((status = 200, body = Organisation), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn organisation_update(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Update>,
) -> Result<Json<Organisation>, Problem> {
    let scope = caller.require(Permission::OrganisationEdit)?;
    let name = validate::name("name", &body.name)?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let before = db::own(&mut tx, &scope).await?;
    if name == before.name {
        return Ok(Json(before));
    }
    db::rename(&mut tx, &scope, &name, now).await?;
    let after = db::own(&mut tx, &scope).await?;
    let target = Target { name: Some(&after.name), ..Target::organisation(scope.org_id) };
    let detail = json!({ "before": { "name": before.name }, "after": { "name": after.name } });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "organisation.updated", target, detail }).await?;
    tx.commit().await?;
    app.role_changed(scope.org_id);
    Ok(Json(after))
}
