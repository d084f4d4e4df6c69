//! `POST /api/scripts/{id}/approve`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScriptId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::scripts::db;
use crate::features::scripts::model::{self, Script};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = ScriptApprove)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approve {
    /// The number of the version.
    number: i32,
}

/// Approve a version of a script
///
/// It becomes the one that runs, in the place of another that was. Where the organisation says so, by somebody who has not written it.
#[utoipa::path(post, path = "/scripts/{id}/approve", operation_id = "script_approve", tag = "scripts", params(("id" = ScriptId, Path)),
    request_body = Approve, security(("bearer" = [])), extensions(("x-permission" = json!("scripts.approve"))),
    responses((status = 200, body = Script), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_approve(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
    Body(body): Body<Approve>,
) -> Result<Json<Script>, Problem> {
    let scope = caller.require(Permission::ScriptsApprove)?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let of = (id, body.number);
    let author = db::authorship(&mut tx, &scope, of).await?.ok_or_else(model::no_such_version)?;
    if author.is_own && author.needs_other_person {
        let detail = "You have written this version; somebody else has to approve it. The organisation's settings can say otherwise.";
        return Err(Problem::forbidden("own_version", detail));
    }
    db::approve(&mut tx, &scope, (id, Some(body.number)), now).await?;
    let script = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "version": body.number });
    let event = AuditEvent { action: "script_version.approved", target: script.target(), detail };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::ScriptsChanged {});
    Ok(Json(script))
}
