//! `GET /api/saved-views`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::saved_views::db;
use crate::features::saved_views::model::SavedView;
use crate::platform::auth::Caller;
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;

/// Views that the caller may open.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedViewList)]
pub(crate) struct List {
    /// Their own and those that are shared, by name; at most 1,000.
    items: Vec<SavedView>,
}

/// List saved views
#[utoipa::path(get, path = "/saved-views", operation_id = "saved_view_list", tag = "saved views", security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))), responses((status = 200, body = List), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn saved_view_list(State(app): State<AppState>, caller: Caller) -> Result<Json<List>, Problem> {
    caller.person()?;
    let scope = caller.own_scope();
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(List { items: db::list(&mut tx, &scope, None).await? }))
}
