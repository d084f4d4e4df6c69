//! `GET /api/roles/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::RoleId;

use crate::app::AppState;
use crate::features::roles::db;
use crate::features::roles::model::{self, Role};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Get a role of the organisation's own
#[utoipa::path(get, path = "/roles/{id}", operation_id = "role_get", tag = "roles", params(("id" = RoleId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.view"))),
    responses((status = 200, body = Role), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn role_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<RoleId>,
) -> Result<Json<Role>, Problem> {
    let scope = caller.require(Permission::UsersView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?))
}
