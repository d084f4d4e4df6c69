//! `DELETE /api/grants/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::GrantId;
use serde_json::json;

use crate::app::AppState;
use crate::features::users::{db, model};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::stored::GrantEffect;
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Take a role away, or a deny
///
/// Taking a deny away is giving, so it needs what giving needs.
#[utoipa::path(delete, path = "/grants/{id}", operation_id = "grant_delete", tag = "users", params(("id" = GrantId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.edit"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn grant_delete(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<GrantId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::UsersEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let grant = db::grants(&mut tx, &scope, &[], Some(id)).await?.pop().ok_or_else(model::grant_not_found)?;
    db::lock(&mut tx, &scope, grant.user_id).await?;
    let member = db::find(&mut tx, &scope, grant.user_id).await?.ok_or_else(model::not_found)?;
    // a deny holds back more than it names: whatever implies that
    giving::may_touch(caller.access(), &member.stored_grants())?;
    if grant.grant.effect == GrantEffect::Deny {
        giving::may_give(caller.access(), grant.grant.named(), grant.grant.place())?;
    }
    // somebody else may have taken it since: then theirs is the audit row
    if !db::delete_grant(&mut tx, &scope, id).await? {
        return Err(model::grant_not_found());
    }
    let event =
        AuditEvent { action: "grant.deleted", target: member.target(), detail: json!({ "grant": grant.words() }) };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    model::committed(tx.commit().await)?;
    app.access_changed(scope.org_id, grant.user_id);
    Ok(StatusCode::NO_CONTENT)
}
