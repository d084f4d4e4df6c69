//! `POST /api/site-keys`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::{SiteId, SiteKeyId};
use gururmm_protocol::secret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::site_keys::db::{self, New};
use crate::features::site_keys::model::{self, SiteKey};
use crate::features::sites;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, Place};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::random;
use crate::platform::time::Time;
use crate::platform::validate::name;

#[derive(Deserialize, ToSchema)]
#[schema(as = SiteKeyCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// The site that machines will enrol into.
    site_id: SiteId,
    /// 1 to 200 characters.
    name: String,
    /// How many machines may enrol, 1 to 1,000,000; null or absent without limit.
    max_uses: Option<i64>,
    /// When it ends by itself; null or absent never.
    expires_at: Option<Time>,
    /// Whether machines that come with it wait until somebody lets them in; they do not unless told.
    #[serde(default)]
    needs_approval: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SiteKeyCreated)]
pub(crate) struct Created {
    /// What can be seen of it later.
    pub(super) site_key: SiteKey,
    /// The key itself. It is shown this once; the server keeps only its hash.
    pub(super) key: String,
}

/// Create a site key
#[utoipa::path(post, path = "/site-keys", operation_id = "site_key_create", tag = "site keys", request_body = Create,
    security(("bearer" = [])), extensions(("x-permission" = json!("site_keys.edit"))),
    responses((status = 201, body = Created), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_key_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let scope = caller.require(Permission::SiteKeysEdit)?;
    let now = app.clock.now();
    let name = name("name", &body.name)?;
    let (max_uses, expires_at) =
        (body.max_uses.map(model::uses).transpose()?, body.expires_at.map(|end| model::end(end, now)).transpose()?);
    let key = secret::site_key(&random::bytes(), &app.secrets.fingerprint());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let client_id = sites::client_of(&mut tx, &scope, body.site_id).await?.ok_or_else(no_such_site)?;
    scope.at(Place::Site(client_id, body.site_id))?;
    let new = New {
        id: SiteKeyId::generate(),
        client_id,
        site_id: body.site_id,
        name: &name,
        prefix: secret::site_key_prefix(&key),
        hash: secret::hash(&key),
        max_uses,
        expires_at,
        needs_approval: body.needs_approval,
    };
    match db::insert(&mut tx, &scope, &new, now).await {
        // deleted in this moment
        Err(error) if violates(&error, "site_keys_site_fkey") => return Err(no_such_site()),
        result => result?,
    }
    let site_key = db::find(&mut tx, &scope, new.id).await?.ok_or_else(model::not_found)?.at(now);
    let detail = json!({ "prefix": site_key.prefix, "max_uses": max_uses, "expires_at": expires_at, "needs_approval": body.needs_approval });
    audit::record(&mut tx, &scope, now, AuditEvent { action: "site_key.created", target: site_key.target(), detail })
        .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(Created { site_key, key })))
}

fn no_such_site() -> Problem {
    Problem::field("site_id", "There is no such site.")
}
