//! `GET /api/clients/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ClientId;

use crate::app::AppState;
use crate::features::clients::db;
use crate::features::clients::model::{self, Client};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Get a client
#[utoipa::path(get, path = "/clients/{id}", operation_id = "client_get", tag = "clients", params(("id" = ClientId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("clients.view"))),
    responses((status = 200, body = Client), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn client_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ClientId>,
) -> Result<Json<Client>, Problem> {
    let scope = caller.require(Permission::ClientsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?))
}
