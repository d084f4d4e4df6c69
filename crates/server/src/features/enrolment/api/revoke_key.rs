//! `POST /api/agents/{id}/revoke-key`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;
use gururmm_protocol::message::GoodbyeCode;
use serde_json::json;

use crate::app::AppState;
use crate::features::agents::Agent;
use crate::features::enrolment::db;
use crate::features::enrolment::standing::{Hold, Standing};
use crate::platform::auth::Caller;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};

/// Revoke the key of a machine
///
/// Its connection ends within a second, and its identity is good no more, for ever. To return, the machine is enrolled again; its record can be continued then.
#[utoipa::path(post, path = "/agents/{id}/revoke-key", operation_id = "agent_revoke_key", tag = "enrolment", params(("id" = AgentId, Path)), request_body = Hold,
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.approve"))),
    responses((status = 200, body = Agent), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_revoke_key(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Body(body): Body<Hold>,
) -> Result<Json<Agent>, Problem> {
    let reason = body.reason()?;
    let mut standing = Standing::of(&app, &caller, id).await?;
    if !db::revoke_key(&mut standing.tx, id, reason.as_deref(), app.clock.now()).await? {
        return Err(Problem::conflict("agent_state", "The key of this machine was revoked before."));
    }
    let agent = standing.done(&app, "agent.key_revoked", json!({ "reason": reason })).await?;
    app.gateway.disconnect(id, GoodbyeCode::Revoked, "The key of this machine was revoked.");
    Ok(Json(agent))
}
