//! `POST /api/scripts/{id}/preview`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScriptId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::command_runs::create;
use crate::features::command_runs::targets::{Preview, Wanted};
use crate::features::scripts;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ScriptPreview)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptPreview {
    /// On which machines.
    targets: Wanted,
    /// The number of the version; the approved one unless told. Another one needs `commands.run` on the machines.
    number: Option<i32>,
}

/// See what a run of a script would reach
///
/// Runs nothing: how many machines would be told, which would be left out and why, and whether a second person has to approve.
#[utoipa::path(post, path = "/scripts/{id}/preview", operation_id = "script_preview", tag = "scripts", params(("id" = ScriptId, Path)),
    request_body = ScriptPreview, security(("bearer" = [])), extensions(("x-permission" = json!("scripts.run"))),
    responses((status = 200, body = Preview), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_preview(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
    Body(body): Body<ScriptPreview>,
) -> Result<Json<Preview>, Problem> {
    let mut scope = caller.require(Permission::ScriptsRun)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let script = scripts::find_use(&mut tx, &scope, (id, body.number), BTreeMap::new()).await?;
    if !script.is_approved() {
        drop(tx);
        // as good as any text that they could write
        scope = caller.require(Permission::CommandsRun)?;
        tx = app.db.begin_scoped(&scope).await?;
    }
    Ok(Json(create::preview(&mut tx, &scope, &body.targets, Some(&script)).await?))
}
