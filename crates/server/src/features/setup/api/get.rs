//! `GET /api/setup`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::setup::db;
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;

/// Whether the set-up is open. Names nothing but that: whoever asks has proven nothing yet.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetupState {
    /// Whether the first administrator is still to be made.
    open: bool,
}

/// Is the set-up open
#[utoipa::path(get, path = "/setup", operation_id = "setup_get", tag = "setup", extensions(("x-permission" = json!("public"))),
    responses((status = 200, body = SetupState), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn setup_get(State(app): State<AppState>) -> Result<Json<SetupState>, Problem> {
    if app.setup_closed.get().is_some() {
        return Ok(Json(SetupState { open: false }));
    }
    let open = db::is_open(&mut *app.db.begin_lookup().await?).await?;
    if !open {
        app.setup_closed.set(()).ok();
    }
    Ok(Json(SetupState { open }))
}
