//! `DELETE /api/users/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::UserId;
use serde_json::json;

use crate::app::AppState;
use crate::features::users::db;
use crate::features::users::model::{self, MemberStatus};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::Path;
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;
use crate::platform::time::Time;

/// Remove a person from the organisation
///
/// They are signed out at once and lose what they were given; their account stays, and what they have done still names them. Everybody
/// may remove themselves. The last owner stays.
#[utoipa::path(delete, path = "/users/{id}", operation_id = "user_remove", tag = "users", params(("id" = UserId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.edit"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn user_remove(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<StatusCode, Problem> {
    let is_own = id == caller.identity.user_id;
    if is_own {
        caller.person()?;
    }
    let scope = if is_own { caller.scope_to_look_around() } else { caller.require(Permission::UsersEdit)? };
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let member = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    if !is_own {
        giving::may_touch(caller.access(), &member.stored_grants())?;
    }
    let detail = json!({
        "email": member.email,
        "grants": member.grants.iter().map(model::GrantInfo::words).collect::<Vec<_>>(),
    });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "user.removed", target: member.target(), detail })
        .await?;
    db::delete_grants(&mut tx, &scope, id).await?;
    db::end_sessions(&mut tx, &scope, id, now).await?;
    db::set_status(&mut tx, &scope, id, MemberStatus::Removed, now).await?;
    model::committed(tx.commit().await)?;
    app.access_changed(scope.org_id, id);
    Ok(StatusCode::NO_CONTENT)
}
