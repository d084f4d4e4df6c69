//! `POST /api/agents/{id}/reject`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::AgentId;
use serde_json::json;

use crate::app::AppState;
use crate::features::agents::{self, AgentState};
use crate::features::enrolment::standing::Standing;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::Caller;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;

/// Send a machine away
///
/// It waited to be let in. Its record is gone, and the machine learns that it was removed.
#[utoipa::path(post, path = "/agents/{id}/reject", operation_id = "agent_reject", tag = "enrolment", params(("id" = AgentId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.approve"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_reject(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
) -> Result<StatusCode, Problem> {
    let standing = Standing::of(&app, &caller, id).await?;
    standing.needs(AgentState::Waiting)?;
    let Standing { mut tx, scope, agent } = standing;
    agents::delete(&mut tx, &scope, id).await?;
    let detail = json!({ "hostname": agent.hostname, "client_name": agent.client_name, "site_name": agent.site_name });
    let event = AuditEvent { action: "agent.rejected", target: agent.target(), detail };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::AgentChanged { agent_id: id });
    app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    Ok(StatusCode::NO_CONTENT)
}
