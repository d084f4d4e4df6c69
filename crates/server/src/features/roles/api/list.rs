//! `GET /api/roles`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::roles::db;
use crate::features::roles::model::Role;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;

/// All roles of an organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Roles {
    /// The built-in ones, then the organisation's own by name.
    items: Vec<Role>,
}

/// List roles
#[utoipa::path(get, path = "/roles", operation_id = "role_list", tag = "roles", security(("bearer" = [])), extensions(("x-permission" = json!("users.view"))),
    responses((status = 200, body = Roles), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn role_list(State(app): State<AppState>, caller: Caller) -> Result<Json<Roles>, Problem> {
    let scope = caller.require(Permission::UsersView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let mut items = db::built_in(&mut tx, &scope).await?;
    items.extend(db::list(&mut tx, &scope, None).await?);
    Ok(Json(Roles { items }))
}
