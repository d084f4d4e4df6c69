//! `POST /api/api-keys/{id}/revoke`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ApiKeyId;
use serde_json::json;

use crate::app::AppState;
use crate::features::api_keys::db;
use crate::features::api_keys::model::{self, ApiKey};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Revoke an API key
///
/// It works nowhere any more, within a second. One's own, or anybody's with the permission `api_keys.edit`. Revoking a revoked key changes nothing.
#[utoipa::path(post, path = "/api-keys/{id}/revoke", operation_id = "api_key_revoke", tag = "api keys",
    params(("id" = ApiKeyId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = ApiKey), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn api_key_revoke(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ApiKeyId>,
) -> Result<Json<ApiKey>, Problem> {
    caller.person()?;
    let (scope, now) = (caller.own_scope(), app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let found = db::find(&mut tx, &scope, id, now).await?;
    // somebody else's is there only for who may see it
    let may_see = |key: &ApiKey| key.user_id == scope.user_id || caller.require(Permission::ApiKeysEdit).is_ok();
    let before = found.filter(may_see).ok_or_else(model::not_found)?;
    let was_open = db::revoke(&mut tx, &scope, id, Time(now)).await?;
    let api_key = db::find(&mut tx, &scope, id, now).await?.ok_or_else(model::not_found)?;
    if was_open {
        let detail = json!({ "prefix": before.prefix, "user_name": before.user_name });
        let event = AuditEvent { action: "api_key.revoked", target: api_key.target(), detail };
        audit::record(&mut tx, &scope, now, event).await?;
    }
    tx.commit().await?;
    app.identities.forget_person(api_key.user_id);
    app.live.publish(scope.org_id, LiveKind::UsersChanged {});
    Ok(Json(api_key))
}
