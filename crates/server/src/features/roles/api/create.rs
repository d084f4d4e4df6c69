//! `POST /api/roles`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::RoleId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::roles::db::{self, Wished};
use crate::features::roles::model::{self, Role};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, Place, giving};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = RoleCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// 1 to 200 characters, unique in the organisation.
    name: String,
    /// What it is for, at most 1,000 characters.
    #[serde(default)]
    description: String,
    /// What it names, by the names of `GET /api/permissions`.
    permissions: Vec<String>,
}

/// Create a role
///
/// Of permissions that its maker holds in the whole organisation.
#[utoipa::path(post, path = "/roles", operation_id = "role_create", tag = "roles", request_body = Create, security(("bearer" = [])), extensions(("x-permission" = json!("roles.edit"))),
    responses((status = 201, body = Role), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn role_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Role>), Problem> {
    let scope = caller.require(Permission::RolesEdit)?;
    let (name, description) = (model::name(&body.name)?, model::description(&body.description)?);
    let permissions = model::permissions(&body.permissions)?;
    giving::may_give(caller.access(), permissions, Place::Organisation)?;
    let (id, now) = (RoleId::generate(), Time(app.clock.now()));
    let mut tx = app.db.begin_scoped(&scope).await?;
    if db::count(&mut tx, &scope).await? >= db::ROLES_MAX {
        let detail = format!("An organisation has at most {} roles of its own. Delete one first.", db::ROLES_MAX);
        return Err(Problem::conflict("role_limit_reached", detail));
    }
    let wished = Wished { name: &name, description: &description, permissions };
    match db::insert(&mut tx, &scope, id, &wished, now).await {
        Err(error) if violates(&error, "roles_name") => return Err(model::name_taken()),
        result => result?,
    }
    let role = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "permissions": role.permissions });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "role.created", target: role.target(), detail }).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::UsersChanged {});
    Ok((StatusCode::CREATED, Json(role)))
}
