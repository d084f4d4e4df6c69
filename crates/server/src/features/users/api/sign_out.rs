//! `POST /api/users/{id}/sign-out`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::UserId;
use serde_json::json;

use crate::app::AppState;
use crate::features::users::{db, model};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::time::Time;

/// Sign a person out everywhere
///
/// Ends every session they have in this organisation, open event streams included, within a second.
#[utoipa::path(post, path = "/users/{id}/sign-out", operation_id = "user_sign_out", tag = "users", params(("id" = UserId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.edit"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn user_sign_out(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::UsersEdit)?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let member = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    giving::may_touch(caller.access(), &member.stored_grants())?;
    let sessions = db::end_sessions(&mut tx, &scope, id, now).await?;
    let detail = json!({ "email": member.email, "sessions_ended": sessions });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "user.signed_out", target: member.target(), detail })
        .await?;
    tx.commit().await?;
    app.access_changed(scope.org_id, id);
    Ok(StatusCode::NO_CONTENT)
}
