//! `PATCH /api/auth/me`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::db::own;
use crate::features::auth::model::User;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::Caller;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::time::Time;
use crate::platform::validate;

#[derive(Deserialize, ToSchema)]
#[schema(as = MeUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 200 characters.
    name: String,
}

/// Change one's name
#[utoipa::path(patch, path = "/auth/me", operation_id = "auth_update", tag = "auth", request_body = Update, security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = User), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_update(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Update>,
) -> Result<Json<User>, Problem> {
    let (claimed, scope, before) = (caller.person()?, caller.own_scope(), User::of(&caller.identity));
    let name = validate::name("name", &body.name)?;
    if name == before.name {
        return Ok(Json(before));
    }
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    if !own::change(&mut tx, claimed, Some(&name), None, now).await? {
        return Err(Problem::unauthenticated());
    }
    let detail = json!({ "before": { "name": before.name }, "after": { "name": name } });
    let after = User { name, ..before };
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "user.renamed", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    app.access_changed(scope.org_id, scope.user_id);
    Ok(Json(after))
}
