//! `POST /api/site-keys/{id}/regenerate`

use axum::Json;
use axum::extract::State;
use gururmm_ids::SiteKeyId;
use gururmm_protocol::secret;
use serde_json::json;

use super::create::Created;
use crate::app::AppState;
use crate::features::site_keys::db;
use crate::features::site_keys::model::{self, SiteKeyState};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::random;

/// Make a site key anew
///
/// Its old text lets nobody in any more; its name, its bounds and what it has enrolled stay. For a key that was seen by whom it should not.
#[utoipa::path(post, path = "/site-keys/{id}/regenerate", operation_id = "site_key_regenerate", tag = "site keys",
    params(("id" = SiteKeyId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("site_keys.edit"))),
    responses((status = 200, body = Created), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_key_regenerate(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SiteKeyId>,
) -> Result<Json<Created>, Problem> {
    let scope = caller.require(Permission::SiteKeysEdit)?;
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.at(now);
    scope.at(before.target().place())?;
    if before.state == SiteKeyState::Revoked {
        return Err(Problem::conflict("site_key_is_revoked", "This key was revoked. Make a new one instead."));
    }
    let key = secret::site_key(&random::bytes(), &app.secrets.fingerprint());
    db::replace(&mut tx, &scope, id, secret::site_key_prefix(&key), secret::hash(&key)).await?;
    let site_key = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.at(now);
    let detail = json!({ "before": { "prefix": before.prefix }, "after": { "prefix": site_key.prefix } });
    let event = AuditEvent { action: "site_key.regenerated", target: site_key.target(), detail };
    audit::record(&mut tx, &scope, now, event).await?;
    tx.commit().await?;
    Ok(Json(Created { site_key, key }))
}
