//! `POST /api/auth/password`

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::db::own;
use crate::features::auth::model::User;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, password};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::secret::Secret;
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = PasswordChange)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// The password of now.
    #[schema(value_type = String)]
    current_password: Secret<String>,
    /// The one to be, at least 12 characters.
    #[schema(value_type = String)]
    new_password: Secret<String>,
}

/// Change one's password
///
/// Ends every other session of the account, in every organisation.
#[utoipa::path(post, path = "/auth/password", operation_id = "auth_password", tag = "auth", request_body = Request, security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))), responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_password(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Request>,
) -> Result<StatusCode, Problem> {
    let (claimed, scope) = (caller.person()?, caller.own_scope());
    app.limits.password_by_person.check(scope.user_id)?;
    password::check("new_password", body.new_password.reveal())?;
    let now = Time(app.clock.now());
    let hash = own::password_hash(&mut *app.db.begin_lookup().await?, claimed, now).await?;
    let is_short_enough = body.current_password.reveal().len() <= password::LENGTH_MAX;
    if !is_short_enough || !password::verify(body.current_password, hash).await.map_err(Problem::internal)? {
        return Err(Problem::forbidden("password_wrong", "The current password is wrong."));
    }
    let hash = password::hash(body.new_password).await.map_err(Problem::internal)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    if !own::change(&mut tx, claimed, None, Some(&hash), now).await? {
        return Err(Problem::unauthenticated());
    }
    let user = User::of(&caller.identity);
    let event = AuditEvent { action: "user.password_changed", target: user.target(), detail: json!({}) };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    app.identities.forget_person(scope.user_id);
    Ok(StatusCode::NO_CONTENT)
}
