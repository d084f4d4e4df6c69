//! `GET /api/scripts/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScriptId;

use crate::app::AppState;
use crate::features::scripts::db;
use crate::features::scripts::model::{self, Script};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::time::Time;

/// Get a script
#[utoipa::path(get, path = "/scripts/{id}", operation_id = "script_get", tag = "scripts", params(("id" = ScriptId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("scripts.view"))),
    responses((status = 200, body = Script), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
) -> Result<Json<Script>, Problem> {
    let scope = caller.require(Permission::ScriptsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let mut script = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    db::add_outcomes(&mut tx, std::slice::from_mut(&mut script), Time(app.clock.now())).await?;
    Ok(Json(script))
}
