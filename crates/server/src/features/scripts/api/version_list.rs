//! `GET /api/scripts/{id}/versions`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScriptId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::features::scripts::db;
use crate::features::scripts::model::{self, ScriptVersion};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem, Query};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionQuery {
    /// Only the version of this number.
    number: Option<i32>,
}

/// Versions of a script.
#[derive(Serialize, ToSchema)]
#[schema(as = ScriptVersionList)]
pub(crate) struct Versions {
    /// The newest first, at most 200.
    items: Vec<ScriptVersion>,
}

/// List versions of a script
#[utoipa::path(get, path = "/scripts/{id}/versions", operation_id = "script_version_list", tag = "scripts",
    params(("id" = ScriptId, Path), VersionQuery), security(("bearer" = [])), extensions(("x-permission" = json!("scripts.view"))),
    responses((status = 200, body = Versions), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_version_list(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
    Query(query): Query<VersionQuery>,
) -> Result<Json<Versions>, Problem> {
    let scope = caller.require(Permission::ScriptsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    Ok(Json(Versions { items: db::versions(&mut tx, &scope, id, query.number).await? }))
}
