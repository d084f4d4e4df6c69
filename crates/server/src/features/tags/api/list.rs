//! `GET /api/tags`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::features::tags::db;
use crate::features::tags::model::Tag;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Problem, Query};
use crate::platform::validate::search;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Part of the tag.
    search: Option<String>,
}

/// Tags in use.
#[derive(Serialize, ToSchema)]
#[schema(as = TagList)]
pub(crate) struct List {
    /// By name; of more than 200 the most used.
    items: Vec<Tag>,
}

/// List the tags in use
///
/// Of machines that the caller sees.
#[utoipa::path(get, path = "/tags", operation_id = "tag_list", tag = "agents", params(ListQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("agents.view"))), responses((status = 200, body = List), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn tag_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<List>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let text = search(query.search.as_deref())?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(List { items: db::in_use(&mut tx, &scope, text).await? }))
}
