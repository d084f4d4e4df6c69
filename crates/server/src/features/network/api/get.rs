//! `GET /api/agents/{id}/network`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;

use crate::app::AppState;
use crate::features::agents;
use crate::features::network::db;
use crate::features::network::model::NetworkState;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Get an agent's network state
///
/// Its interfaces and addresses as it told them last, and the address that others on the internet see.
#[utoipa::path(get, path = "/agents/{id}/network", operation_id = "agent_network", tag = "agents", params(("id" = AgentId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = NetworkState), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_network(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
) -> Result<Json<NetworkState>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::find(&mut tx, &scope, id).await?.ok_or_else(agents::not_found)?))
}
