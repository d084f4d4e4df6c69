//! `POST /api/agents/{id}/approve`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;
use serde_json::json;

use crate::app::AppState;
use crate::features::agents::{Agent, AgentState};
use crate::features::enrolment::db;
use crate::features::enrolment::standing::Standing;
use crate::platform::auth::Caller;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Let a machine in
///
/// It waited since it came with a site key that needs approval. From now on it works.
#[utoipa::path(post, path = "/agents/{id}/approve", operation_id = "agent_approve", tag = "enrolment", params(("id" = AgentId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.approve"))),
    responses((status = 200, body = Agent), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_approve(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
) -> Result<Json<Agent>, Problem> {
    let mut standing = Standing::of(&app, &caller, id).await?;
    standing.needs(AgentState::Waiting)?;
    db::set_state(&mut standing.tx, &standing.scope, id, AgentState::Active, None, app.clock.now()).await?;
    Ok(Json(standing.done(&app, "agent.approved", json!({})).await?))
}
