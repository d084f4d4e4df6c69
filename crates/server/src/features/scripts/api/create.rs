//! `POST /api/scripts`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::scripts::edit;
use crate::features::scripts::model::{Naming, Script, VersionWish};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = ScriptCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// 1 to 120 characters, unique in its folder without regard to case.
    name: String,
    /// Up to five folders, `/` between them; at the top unless told.
    #[serde(default)]
    folder: String,
    /// What it does, at most 4,000 characters.
    #[serde(default)]
    description: String,
    /// Its first version.
    version: VersionWish,
}

/// Save a script
#[utoipa::path(post, path = "/scripts", operation_id = "script_create", tag = "scripts", request_body = Create, security(("bearer" = [])),
    extensions(("x-permission" = json!("scripts.edit"))), responses((status = 201, body = Script), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Script>), Problem> {
    let scope = caller.require(Permission::ScriptsEdit)?;
    let (note, file) = body.version.checked(&Naming::new(&body.name, &body.folder, &body.description))?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let script = edit::create(&mut tx, &scope, (&note, &file), now).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::ScriptsChanged {});
    Ok((StatusCode::CREATED, Json(script)))
}
