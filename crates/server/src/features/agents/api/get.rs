//! `GET /api/agents/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;

use crate::app::AppState;
use crate::features::agents::db;
use crate::features::agents::model::{self, Agent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Get an agent
#[utoipa::path(get, path = "/agents/{id}", operation_id = "agent_get", tag = "agents", params(("id" = AgentId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = Agent), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
) -> Result<Json<Agent>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?))
}
