//! `GET /api/scripts/{id}/file`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScriptId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::features::scripts::model;
use crate::features::scripts::{db, edit};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem, Query};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileQuery {
    /// Of the version of this number; of the newest unless told.
    number: Option<i32>,
}

/// A script as one file, which still runs: a block of comments at its beginning says what the library knows of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ScriptFile)]
pub(crate) struct File {
    /// What it is called.
    file_name: String,
    /// What it says.
    content: String,
}

/// Take a script out as a file
#[utoipa::path(get, path = "/scripts/{id}/file", operation_id = "script_file", tag = "scripts", params(("id" = ScriptId, Path), FileQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("scripts.view"))),
    responses((status = 200, body = File), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_file(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
    Query(query): Query<FileQuery>,
) -> Result<Json<File>, Problem> {
    let scope = caller.require(Permission::ScriptsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let script = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let number = query.number.unwrap_or(script.newest_version);
    let version = db::versions(&mut tx, &scope, id, Some(number)).await?.pop().ok_or_else(model::no_such_version)?;
    let file = edit::file_of(&script, version)?;
    Ok(Json(File { file_name: edit::file_name(&file), content: gururmm_scripts::front_matter::export(&file) }))
}
