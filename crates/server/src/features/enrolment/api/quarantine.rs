//! `POST /api/agents/{id}/quarantine`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;
use gururmm_protocol::message::GoodbyeCode;
use serde_json::json;

use crate::app::AppState;
use crate::features::agents::{Agent, AgentState};
use crate::features::enrolment::db;
use crate::features::enrolment::standing::{Hold, Standing};
use crate::platform::auth::Caller;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};

/// Quarantine a machine
///
/// Its connection ends within a second, and it is told nothing and tells nothing until somebody releases it. What it measures meanwhile it keeps.
#[utoipa::path(post, path = "/agents/{id}/quarantine", operation_id = "agent_quarantine", tag = "enrolment", params(("id" = AgentId, Path)), request_body = Hold,
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.approve"))),
    responses((status = 200, body = Agent), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_quarantine(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Body(body): Body<Hold>,
) -> Result<Json<Agent>, Problem> {
    let reason = body.reason()?;
    let mut standing = Standing::of(&app, &caller, id).await?;
    standing.needs(AgentState::Active)?;
    let state = AgentState::Quarantined;
    db::set_state(&mut standing.tx, &standing.scope, id, state, reason.as_deref(), app.clock.now()).await?;
    let agent = standing.done(&app, "agent.quarantined", json!({ "reason": reason })).await?;
    // after the commit: an agent that connects again at once must find that it may not
    app.gateway.disconnect(id, GoodbyeCode::Held, "This machine was quarantined.");
    Ok(Json(agent))
}
