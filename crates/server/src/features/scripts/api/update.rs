//! `PATCH /api/scripts/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ScriptId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::scripts::model::{self, Naming, Script};
use crate::features::scripts::{db, edit};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = ScriptUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 120 characters, unique in its folder without regard to case.
    name: Option<String>,
    /// Up to five folders, `/` between them.
    folder: Option<String>,
    /// What it does, at most 4,000 characters.
    description: Option<String>,
    /// Whether it is put away.
    archived: Option<bool>,
}

/// Name, move, describe a script, put it away or take it out again
#[utoipa::path(patch, path = "/scripts/{id}", operation_id = "script_update", tag = "scripts", params(("id" = ScriptId, Path)),
    request_body = Update, security(("bearer" = [])), extensions(("x-permission" = json!("scripts.edit"))),
    responses((status = 200, body = Script), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ScriptId>,
    Body(body): Body<Update>,
) -> Result<Json<Script>, Problem> {
    let scope = caller.require(Permission::ScriptsEdit)?;
    let now = Time::stored(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let naming = Naming::new(
        body.name.as_ref().unwrap_or(&before.name),
        body.folder.as_ref().unwrap_or(&before.folder),
        body.description.as_ref().unwrap_or(&before.description),
    );
    edit::check_naming(&naming)?;
    let archived_at = match body.archived {
        None => before.archived_at,
        Some(true) => before.archived_at.or(Some(now)),
        Some(false) => None,
    };
    match db::update(&mut tx, &scope, (id, &naming), archived_at, now).await {
        Err(error) if violates(&error, "scripts_name") => return Err(model::name_taken()),
        result => result?,
    }
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let told = |script: &Script| {
        json!({ "name": script.name, "folder": script.folder, "description": script.description,
            "archived": script.archived_at.is_some() })
    };
    let detail = json!({ "before": told(&before), "after": told(&after) });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "script.updated", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::ScriptsChanged {});
    Ok(Json(after))
}
