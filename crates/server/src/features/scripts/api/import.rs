//! `POST /api/scripts/import`

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gururmm_scripts::front_matter::import;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::scripts::edit::{self, Imported};
use crate::features::scripts::model::Script;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = ScriptImport)]
#[serde(deny_unknown_fields)]
pub(crate) struct Import {
    /// The name of the file, whose ending tells what runs it when the file does not say.
    file_name: String,
    /// Its bytes, base64; UTF-8 or UTF-16.
    content: String,
}

/// A script that was put into the library.
#[derive(Serialize, ToSchema)]
#[schema(as = ScriptImported)]
pub(crate) struct Answer {
    /// The script.
    script: Script,
    /// `created`, `new_version`, or `unchanged` when the library has it like this.
    outcome: Imported,
}

/// Put a script into the library from a file
///
/// A file of a name and folder that are there becomes a new version of that script, if it differs. Nothing is approved by this.
#[utoipa::path(post, path = "/scripts/import", operation_id = "script_import", tag = "scripts", request_body = Import, security(("bearer" = [])),
    extensions(("x-permission" = json!("scripts.edit"))), responses((status = 200, body = Answer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_import(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Import>,
) -> Result<Json<Answer>, Problem> {
    let scope = caller.require(Permission::ScriptsEdit)?;
    let bytes = STANDARD.decode(body.content.trim()).map_err(|_| Problem::field("content", "This is not base64."))?;
    let file = import(&body.file_name, &bytes)
        .map_err(|fault| Problem::field("content", format!("Line {}: {}", fault.line, fault.message)))?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let (script, outcome) = edit::put(&mut tx, &scope, &file, now).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::ScriptsChanged {});
    Ok(Json(Answer { script, outcome }))
}
