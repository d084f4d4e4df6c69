//! `DELETE /api/agents/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::AgentId;
use jiff::Timestamp;
use serde_json::json;
use sqlx::PgConnection;

use crate::app::AppState;
use crate::features::agents::db;
use crate::features::agents::model::{self, Agent};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;

/// Remove an agent
///
/// Its connection is closed and the machine learns that it was removed. Its commands go with it; the audit log stays.
#[utoipa::path(delete, path = "/agents/{id}", operation_id = "agent_delete", tag = "agents", params(("id" = AgentId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.delete"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_delete(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::AgentsDelete)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let agent = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    remove(&mut tx, &scope, &agent, app.clock.now()).await?;
    tx.commit().await?;
    // after the commit: an agent that connects again at once must not find itself
    app.gateway.disconnect_removed(id);
    app.live.publish(scope.org_id, LiveKind::AgentChanged { agent_id: id });
    app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    Ok(StatusCode::NO_CONTENT)
}

/// Removes an agent where the caller may, and writes that down.
pub(super) async fn remove(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agent: &Agent,
    now: Timestamp,
) -> Result<(), Problem> {
    scope.at(agent.target().place())?;
    // somebody else may have removed it since: then theirs is the audit row
    if !db::delete(tx, scope, agent.id).await? {
        return Err(model::not_found());
    }
    let detail = json!({ "hostname": agent.hostname, "client_name": agent.client_name, "site_name": agent.site_name });
    audit::record(tx, scope, now, AuditEvent { action: "agent.deleted", target: agent.target(), detail }).await?;
    Ok(())
}
