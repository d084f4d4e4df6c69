//! `GET /api/organisation`

use axum::Json;
use axum::extract::State;

use crate::app::AppState;
use crate::features::organisations::db;
use crate::features::organisations::model::Organisation;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;

/// Get the organisation, its limits and how far they are used
#[utoipa::path(get, path = "/organisation", operation_id = "organisation_get", tag = "organisation", security(("bearer" = [])),
    extensions(("x-permission" = json!("organisation.view"))),
    responses((status = 200, body = Organisation), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn organisation_get(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<Organisation>, Problem> {
    let scope = caller.require(Permission::OrganisationView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::own(&mut tx, &scope).await?))
}
