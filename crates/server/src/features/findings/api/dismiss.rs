//! `DELETE /api/findings/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::FindingId;
use serde_json::json;

use crate::app::AppState;
use crate::features::findings::db::{self, Filter};
use crate::features::findings::model;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;

/// Dismiss a finding
///
/// Somebody has looked at it. Nothing of the machine changes.
#[utoipa::path(delete, path = "/findings/{id}", operation_id = "finding_dismiss", tag = "enrolment", params(("id" = FindingId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.approve"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn finding_dismiss(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<FindingId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::AgentsApprove)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let filter = Filter { id: Some(id), ..Filter::default() };
    let finding = db::list(&mut tx, &scope, &filter, None, 1).await?.pop().ok_or_else(model::not_found)?;
    scope.at(finding.target().place())?;
    // somebody else may have dismissed it since: then theirs is the audit row
    if !db::delete(&mut tx, &scope, id).await? {
        return Err(model::not_found());
    }
    let detail = json!({ "kind": finding.kind, "other_agent_id": finding.other_agent_id });
    let event = AuditEvent { action: "finding.dismissed", target: finding.target(), detail };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::AgentChanged { agent_id: finding.agent_id });
    Ok(StatusCode::NO_CONTENT)
}
