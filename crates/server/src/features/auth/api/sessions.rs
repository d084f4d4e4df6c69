//! `GET /api/auth/sessions`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::db::own::{self, OwnSession};
use crate::platform::auth::Caller;
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;
use crate::platform::time::Time;

/// Where one is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnSessions {
    /// The newest first, at most 200.
    items: Vec<OwnSession>,
}

/// See where one is signed in
///
/// In every organisation.
#[utoipa::path(get, path = "/auth/sessions", operation_id = "session_list", tag = "auth", security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = OwnSessions), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn session_list(State(app): State<AppState>, caller: Caller) -> Result<Json<OwnSessions>, Problem> {
    let claimed = caller.person()?;
    let mut tx = app.db.begin_lookup().await?;
    Ok(Json(OwnSessions { items: own::sessions(&mut tx, claimed, Time(app.clock.now())).await? }))
}
