//! `GET /api/agents/summary`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ClientId, SiteId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::agents::db;
use crate::features::agents::model::AgentSummary;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Problem, Query};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SummaryQuery {
    /// Only agents of this client.
    client_id: Option<ClientId>,
    /// Only agents of this site.
    site_id: Option<SiteId>,
}

/// Count agents
#[utoipa::path(get, path = "/agents/summary", operation_id = "agent_summary", tag = "agents", params(SummaryQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = AgentSummary), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_summary(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<SummaryQuery>,
) -> Result<Json<AgentSummary>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::summary(&mut tx, &scope, query.client_id, query.site_id).await?))
}
