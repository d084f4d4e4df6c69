//! `DELETE /api/roles/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::RoleId;
use serde_json::json;

use crate::app::AppState;
use crate::features::roles::{db, model};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, Place, giving};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;

/// Delete a role that nobody has
#[utoipa::path(delete, path = "/roles/{id}", operation_id = "role_delete", tag = "roles", params(("id" = RoleId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("roles.edit"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn role_delete(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<RoleId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::RolesEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let role = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    giving::may_give(caller.access(), role.named(), Place::Organisation)?;
    match db::delete(&mut tx, &scope, id).await {
        Err(error) if violates(&error, "grants_role_fkey") => {
            return Err(Problem::conflict("role_in_use", "People have this role. Take it from them first."));
        }
        // somebody else removed it since: theirs is the audit row
        Ok(false) => return Err(model::not_found()),
        result => result?,
    };
    let detail = json!({ "permissions": role.permissions });
    let event = AuditEvent { action: "role.deleted", target: role.target(), detail };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::UsersChanged {});
    Ok(StatusCode::NO_CONTENT)
}
