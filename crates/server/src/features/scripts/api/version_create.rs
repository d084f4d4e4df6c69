//! `POST /api/scripts/{id}/versions`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::ScriptId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::scripts::model::{self, Naming, Script, VersionWish};
use crate::features::scripts::{db, edit};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = ScriptVersionCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// The number of the version that was changed: when there is a newer one by now, nothing is saved.
    based_on: i32,
    /// What it becomes.
    version: VersionWish,
}

/// Save a new version of a script
///
/// It runs for those who may run any text; for the others when somebody has approved it.
#[utoipa::path(post, path = "/scripts/{id}/versions", operation_id = "script_version_create", tag = "scripts",
    params(("id" = ScriptId, Path)), request_body = Create, security(("bearer" = [])), extensions(("x-permission" = json!("scripts.edit"))),
    responses((status = 201, body = Script), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_version_create(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Script>), Problem> {
    let scope = caller.require(Permission::ScriptsEdit)?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let script = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    if body.based_on != script.newest_version {
        let newest = script.newest_version;
        let detail =
            format!("Somebody has saved version {newest} meanwhile. Look at it, and save yours on top of that.");
        return Err(Problem::conflict("script_version_stale", detail));
    }
    let naming = Naming::new(&script.name, &script.folder, &script.description);
    let (note, file) = body.version.checked(&naming)?;
    let script = edit::add_version(&mut tx, &scope, &script, (&note, &file), now).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::ScriptsChanged {});
    Ok((StatusCode::CREATED, Json(script)))
}
