//! `PATCH /api/users/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::UserId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::users::db;
use crate::features::users::model::{self, Member, MemberStatus};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = UserUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// Whether they may log in.
    status: Status,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[schema(as = UserUpdateStatus)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// They may.
    Active,
    /// They may not; what they hold stays for when they may again.
    Suspended,
}

/// Suspend a person, or let them in again
///
/// Who is suspended is signed out at once, keeps what they were given, and may not log in to this organisation.
#[utoipa::path(patch, path = "/users/{id}", operation_id = "user_update", tag = "users", params(("id" = UserId, Path)),
    request_body = Update, security(("bearer" = [])), extensions(("x-permission" = json!("users.edit"))),
    responses((status = 200, body = Member), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn user_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(body): Body<Update>,
) -> Result<Json<Member>, Problem> {
    let scope = caller.require(Permission::UsersEdit)?;
    let now = Time(app.clock.now());
    let (status, action) = match body.status {
        Status::Active => (MemberStatus::Active, "user.resumed"),
        Status::Suspended => (MemberStatus::Suspended, "user.suspended"),
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    if id == scope.user_id {
        return Err(Problem::field(
            "status",
            "You cannot suspend yourself. Ask somebody else, or leave the organisation.",
        ));
    }
    giving::may_touch(caller.access(), &before.stored_grants())?;
    if before.status == status.as_str() {
        return Ok(Json(before));
    }
    db::set_status(&mut tx, &scope, id, status, now).await?;
    let sessions = db::end_sessions(&mut tx, &scope, id, now).await?;
    let detail = json!({ "email": before.email, "sessions_ended": sessions });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action, target: before.target(), detail }).await?;
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    model::committed(tx.commit().await)?;
    app.access_changed(scope.org_id, id);
    Ok(Json(after))
}
