//! `PATCH /api/roles/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::RoleId;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::roles::db::{self, Wished};
use crate::features::roles::model::{self, Role};
use crate::features::users;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, Place, giving};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = RoleUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 200 characters, unique in the organisation.
    name: Option<String>,
    /// What it is for, at most 1,000 characters.
    description: Option<String>,
    /// What it names from now on, by the names of `GET /api/permissions`.
    permissions: Option<Vec<String>>,
}

/// Change a role
///
/// By somebody who holds all that it names and will name, in the whole organisation. Whoever has it feels the change within a second.
#[utoipa::path(patch, path = "/roles/{id}", operation_id = "role_update", tag = "roles", params(("id" = RoleId, Path)),
    request_body = Update, security(("bearer" = [])), extensions(("x-permission" = json!("roles.edit"))),
    responses((status = 200, body = Role), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn role_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<RoleId>,
    Body(body): Body<Update>,
) -> Result<Json<Role>, Problem> {
    let scope = caller.require(Permission::RolesEdit)?;
    let name = body.name.as_deref().map(model::name).transpose()?;
    let description = body.description.as_deref().map(model::description).transpose()?;
    let permissions = body.permissions.as_deref().map(model::permissions).transpose()?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let wished = Wished {
        name: name.as_deref().unwrap_or(&before.name),
        description: description.as_deref().unwrap_or(&before.description),
        permissions: permissions.unwrap_or_else(|| before.named()),
    };
    giving::may_give(caller.access(), before.named().or(wished.permissions), Place::Organisation)?;
    // whoever has it, given or denied, may do more or less from now on
    for grants in users::grants_of_holders(&mut tx, &scope, id).await? {
        giving::may_touch(caller.access(), &grants)?;
    }
    if wished.name == before.name && wished.description == before.description && wished.permissions == before.named() {
        return Ok(Json(before));
    }
    match db::update(&mut tx, &scope, id, &wished, now).await {
        Err(error) if violates(&error, "roles_name") => return Err(model::name_taken()),
        result => result?,
    }
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "before": told(&before), "after": told(&after) });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "role.updated", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    app.role_changed(scope.org_id);
    Ok(Json(after))
}

fn told(role: &Role) -> Value {
    json!({ "name": role.name, "description": role.description, "permissions": role.permissions })
}
