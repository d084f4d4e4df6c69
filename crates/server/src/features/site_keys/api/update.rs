//! `PATCH /api/site-keys/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::SiteKeyId;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::site_keys::db::{self, Wished};
use crate::features::site_keys::model::{self, SiteKey};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Patch, Path, Problem};
use crate::platform::time::Time;
use crate::platform::validate::name;

#[derive(Deserialize, ToSchema)]
#[schema(as = SiteKeyUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 200 characters.
    name: Option<String>,
    /// How many machines may enrol, those that have included, 1 to 1,000,000; null without limit, absent as it is.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    max_uses: Patch<i64>,
    /// When it ends by itself; null never, absent as it is.
    #[serde(default)]
    #[schema(value_type = Option<Time>)]
    expires_at: Patch<Time>,
    /// Whether machines that come with it wait until somebody lets them in; absent as it is.
    needs_approval: Option<bool>,
}

/// Change a site key
///
/// Its name, how many machines may enrol with it, until when, and whether they wait for somebody. One that has expired or was used up lets machines in again when that is changed; one
/// that was revoked does not.
#[utoipa::path(patch, path = "/site-keys/{id}", operation_id = "site_key_update", tag = "site keys", params(("id" = SiteKeyId, Path)),
    request_body = Update, security(("bearer" = [])), extensions(("x-permission" = json!("site_keys.edit"))),
    responses((status = 200, body = SiteKey), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_key_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SiteKeyId>,
    Body(body): Body<Update>,
) -> Result<Json<SiteKey>, Problem> {
    let scope = caller.require(Permission::SiteKeysEdit)?;
    let now = app.clock.now();
    let new_name = body.name.as_deref().map(|text| name("name", text)).transpose()?;
    let max_uses = body.max_uses.try_map(model::uses)?;
    let expires_at = body.expires_at.try_map(|end| model::end(end, now))?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.at(now);
    scope.at(before.target().place())?;
    let wished = Wished {
        name: new_name.as_deref().unwrap_or(&before.name),
        max_uses: max_uses.or(before.max_uses),
        expires_at: expires_at.or(before.expires_at),
        needs_approval: body.needs_approval.unwrap_or(before.needs_approval),
    };
    let is_as_wished = told(&before)
        == json!({ "name": wished.name, "max_uses": wished.max_uses, "expires_at": wished.expires_at,
                   "needs_approval": wished.needs_approval });
    if is_as_wished {
        return Ok(Json(before));
    }
    if before.needs_approval && !wished.needs_approval {
        // it lets in whoever comes
        giving::must_hold(caller.access(), Permission::AgentsApprove, before.target().place())?;
    }
    db::update(&mut tx, &scope, id, &wished).await?;
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.at(now);
    let detail = json!({ "before": told(&before), "after": told(&after) });
    audit::record(&mut tx, &scope, now, AuditEvent { action: "site_key.updated", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    Ok(Json(after))
}

fn told(key: &SiteKey) -> Value {
    json!({ "name": key.name, "max_uses": key.max_uses, "expires_at": key.expires_at,
            "needs_approval": key.needs_approval })
}
