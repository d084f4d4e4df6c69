//! `POST /api/scripts/{id}/withdraw`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScriptId;
use serde_json::json;

use crate::app::AppState;
use crate::features::scripts::db;
use crate::features::scripts::model::{self, Script};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Withdraw the approval of a script
///
/// No version of it runs by itself any more.
#[utoipa::path(post, path = "/scripts/{id}/withdraw", operation_id = "script_withdraw", tag = "scripts", params(("id" = ScriptId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("scripts.approve"))),
    responses((status = 200, body = Script), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_withdraw(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
) -> Result<Json<Script>, Problem> {
    let scope = caller.require(Permission::ScriptsApprove)?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let Some(version) = before.approved_version else {
        return Err(Problem::conflict(
            "script_not_approved",
            "No version of this script is approved; there is nothing to do.",
        ));
    };
    db::approve(&mut tx, &scope, (id, None), now).await?;
    let script = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "version": version });
    let event = AuditEvent { action: "script_version.withdrawn", target: script.target(), detail };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::ScriptsChanged {});
    Ok(Json(script))
}
