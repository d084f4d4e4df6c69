//! `POST /api/site-keys/{id}/revoke`

use axum::Json;
use axum::extract::State;
use gururmm_ids::SiteKeyId;
use serde_json::json;

use crate::app::AppState;
use crate::features::site_keys::db;
use crate::features::site_keys::model::{self, SiteKey};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Revoke a site key
///
/// No machine can enrol with it any more; those that did stay. Revoking a revoked key changes nothing.
#[utoipa::path(post, path = "/site-keys/{id}/revoke", operation_id = "site_key_revoke", tag = "site keys",
    params(("id" = SiteKeyId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("site_keys.edit"))),
    responses((status = 200, body = SiteKey), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_key_revoke(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SiteKeyId>,
) -> Result<Json<SiteKey>, Problem> {
    let scope = caller.require(Permission::SiteKeysEdit)?;
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.at(now);
    scope.at(before.target().place())?;
    let was_open = db::revoke(&mut tx, &scope, id, now).await?;
    let key = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.at(now);
    if was_open {
        let event = AuditEvent {
            action: "site_key.revoked",
            target: key.target(),
            detail: json!({ "prefix": key.prefix, "use_count": key.use_count }),
        };
        audit::record(&mut tx, &scope, now, event).await?;
    }
    tx.commit().await?;
    Ok(Json(key))
}
