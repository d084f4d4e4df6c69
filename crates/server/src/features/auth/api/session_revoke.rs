//! `DELETE /api/auth/sessions/{id}` and `POST /api/auth/sessions/end-others`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::SessionId;
use serde_json::{Value, json};

use crate::app::AppState;
use crate::features::auth::db::own;
use crate::features::auth::model::User;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::Caller;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::time::Time;

/// Sign oneself out somewhere else
///
/// Ends one session of one's own: requests and open event streams, within a second.
#[utoipa::path(delete, path = "/auth/sessions/{id}", operation_id = "session_revoke", tag = "auth", params(("id" = SessionId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("own"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn session_revoke(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    if end(&app, &caller, Some(id), json!({ "session_id": id })).await? == 0 {
        return Err(Problem::not_found("session_not_found", "You have no such session, or it has ended."));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Sign oneself out everywhere else
#[utoipa::path(post, path = "/auth/sessions/end-others", operation_id = "session_end_others", tag = "auth", security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))), responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn session_end_others(State(app): State<AppState>, caller: Caller) -> Result<StatusCode, Problem> {
    end(&app, &caller, None, json!({ "which": "all others" })).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn end(app: &AppState, caller: &Caller, other: Option<SessionId>, detail: Value) -> Result<i64, Problem> {
    let (claimed, scope) = (caller.person()?, caller.own_scope());
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let ended = own::end_sessions(&mut tx, claimed, other, now).await?;
    if ended > 0 {
        let user = User::of(&caller.identity);
        let event = AuditEvent { action: "session.revoked", target: user.target(), detail };
        audit::record(&mut tx, &scope, now.0, event).await?;
    }
    tx.commit().await?;
    app.identities.forget_person(scope.user_id);
    Ok(ended)
}
