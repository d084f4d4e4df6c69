//! `POST /api/agents/{id}/release`

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

/// Release a machine from quarantine
///
/// It works again when it next comes: within five minutes. Where two machines had its identity, enrol one of them anew before.
#[utoipa::path(post, path = "/agents/{id}/release", operation_id = "agent_release", tag = "enrolment", params(("id" = AgentId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.approve"))),
    responses((status = 200, body = Agent), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_release(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
) -> Result<Json<Agent>, Problem> {
    let mut standing = Standing::of(&app, &caller, id).await?;
    standing.needs(AgentState::Quarantined)?;
    db::set_state(&mut standing.tx, &standing.scope, id, AgentState::Active, None, app.clock.now()).await?;
    db::forget_clone(&mut standing.tx, &standing.scope, id).await?;
    app.gateway.forget_turns(id);
    Ok(Json(standing.done(&app, "agent.released", json!({})).await?))
}
