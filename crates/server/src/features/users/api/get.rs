//! `GET /api/users/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::UserId;

use crate::app::AppState;
use crate::features::users::db;
use crate::features::users::model::{self, Member};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Get a person
#[utoipa::path(get, path = "/users/{id}", operation_id = "user_get", tag = "users", params(("id" = UserId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.view"))),
    responses((status = 200, body = Member), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn user_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<UserId>,
) -> Result<Json<Member>, Problem> {
    let scope = caller.require(Permission::UsersView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?))
}
