//! `POST /api/agents/{id}/rotate-key`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;
use serde_json::json;

use crate::app::AppState;
use crate::features::agents::{Agent, AgentState};
use crate::features::enrolment::db;
use crate::features::enrolment::standing::Standing;
use crate::gateway;
use crate::platform::auth::Caller;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Give a machine another key
///
/// At once when it is connected, else when it next comes. The key before is good until the machine has stored the new one.
#[utoipa::path(post, path = "/agents/{id}/rotate-key", operation_id = "agent_rotate_key", tag = "enrolment", params(("id" = AgentId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.approve"))),
    responses((status = 200, body = Agent), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_rotate_key(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
) -> Result<Json<Agent>, Problem> {
    let mut standing = Standing::of(&app, &caller, id).await?;
    standing.needs(AgentState::Active)?;
    if standing.agent.rotate_requested_at.is_some() {
        return Ok(Json(standing.agent));
    }
    db::request_key(&mut standing.tx, &standing.scope, id, app.clock.now()).await?;
    let agent = standing.done(&app, "agent.key_requested", json!({})).await?;
    if let Err(error) = gateway::rotate(&app, id).await {
        tracing::warn!(agent.id = %id, %error, "a new key is offered when the agent comes again");
    }
    Ok(Json(agent))
}
