//! `GET /api/custom-fields`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::custom_fields::db;
use crate::features::custom_fields::model::CustomField;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;

/// All custom fields of an organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomFieldList)]
pub(crate) struct List {
    /// By name.
    items: Vec<CustomField>,
}

/// List custom fields
#[utoipa::path(get, path = "/custom-fields", operation_id = "custom_field_list", tag = "custom fields", security(("bearer" = [])),
    extensions(("x-permission" = json!("agents.view"))), responses((status = 200, body = List), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn custom_field_list(State(app): State<AppState>, caller: Caller) -> Result<Json<List>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(List { items: db::list(&mut tx, &scope, None).await? }))
}
