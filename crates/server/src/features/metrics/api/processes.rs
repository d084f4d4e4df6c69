//! `GET /api/agents/{id}/processes`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;

use crate::app::AppState;
use crate::features::agents;
use crate::features::metrics::db;
use crate::features::metrics::model::ProcessList;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Get an agent's busiest processes
///
/// Of its latest measurement, at most ten by processors and ten by memory.
#[utoipa::path(get, path = "/agents/{id}/processes", operation_id = "agent_processes", tag = "agents", params(("id" = AgentId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = ProcessList), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_processes(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
) -> Result<Json<ProcessList>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::processes(&mut tx, &scope, id).await?.ok_or_else(agents::not_found)?))
}
