//! `POST /api/auth/logout`

use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::CookieJar;

use crate::app::AppState;
use crate::features::auth::db;
use crate::features::auth::model::record_closing;
use crate::platform::auth::{Caller, token};
use crate::platform::http::Problem;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::time::Time;

/// Log out
///
/// Ends the session: its token works nowhere any more.
#[utoipa::path(post, path = "/auth/logout", operation_id = "auth_logout", tag = "auth", security(("bearer" = [])), extensions(("x-permission" = json!("own"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_logout(
    State(app): State<AppState>,
    caller: Caller,
    origin: Origin,
) -> Result<(CookieJar, StatusCode), Problem> {
    let (claimed, scope) = (caller.person()?, caller.own_scope());
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    if db::revoke_session(&mut tx, &scope, claimed.session_id, now).await? {
        record_closing(&mut tx, &scope, claimed.session_id, now).await?;
    }
    tx.commit().await?;
    app.identities.forget_person(scope.user_id);
    let mut cookie = token::cookie(String::new(), origin.is_https);
    cookie.make_removal();
    Ok((CookieJar::new().add(cookie), StatusCode::NO_CONTENT))
}
