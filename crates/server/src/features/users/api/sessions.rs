//! `GET /api/users/{id}/sessions`

use axum::Json;
use axum::extract::State;
use gururmm_ids::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::users::db;
use crate::features::users::model::{self, OpenSession};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::time::Time;

/// Where a person is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserSessions {
    /// The newest first, at most 200.
    items: Vec<OpenSession>,
}

/// See where a person is signed in
///
/// In this organisation; what they do elsewhere is not told.
#[utoipa::path(get, path = "/users/{id}/sessions", operation_id = "user_sessions", tag = "users", params(("id" = UserId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.view"))),
    responses((status = 200, body = UserSessions), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn user_sessions(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<Json<UserSessions>, Problem> {
    let scope = caller.require(Permission::UsersView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let items = db::sessions(&mut tx, &scope, id, Time(app.clock.now())).await?;
    Ok(Json(UserSessions { items }))
}
