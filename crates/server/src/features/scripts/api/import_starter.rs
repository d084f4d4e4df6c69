//! `POST /api/scripts/import-starter`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::scripts::edit::{self, Imported};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// What came of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ScriptStarterImported)]
pub(crate) struct Answer {
    /// Scripts that were not there.
    created: usize,
    /// Scripts that have another version now.
    new_versions: usize,
    /// Scripts that were there like this.
    unchanged: usize,
}

/// Put the starter set into the library
///
/// Scripts to begin with, each a file like any other. Nothing is approved by this.
#[utoipa::path(post, path = "/scripts/import-starter", operation_id = "script_import_starter", tag = "scripts", security(("bearer" = [])),
    extensions(("x-permission" = json!("scripts.edit"))), responses((status = 200, body = Answer), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_import_starter(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<Answer>, Problem> {
    let scope = caller.require(Permission::ScriptsEdit)?;
    let now = Time(app.clock.now());
    let mut answer = Answer { created: 0, new_versions: 0, unchanged: 0 };
    let mut tx = app.db.begin_scoped(&scope).await?;
    for file in gururmm_scripts::starter::scripts().map_err(Problem::internal)? {
        match edit::put(&mut tx, &scope, &file, now).await?.1 {
            Imported::Created => answer.created += 1,
            Imported::NewVersion => answer.new_versions += 1,
            Imported::Unchanged => answer.unchanged += 1,
        }
    }
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::ScriptsChanged {});
    Ok(Json(answer))
}
