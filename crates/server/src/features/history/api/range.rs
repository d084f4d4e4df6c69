//! `GET /api/agents/{id}/history`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::agents;
use crate::features::history::db;
use crate::features::history::model::{History, Range};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem, Query};
use crate::platform::time::Time;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryQuery {
    /// The first moment; a day before the last unless told.
    from: Option<Time>,
    /// The last moment, at most 4,000 days after the first; now unless told.
    to: Option<Time>,
}

/// Get an agent's history
///
/// Minimum, average, maximum and 95th percentile of its measurements, in at most about 1,500 steps: of 5 or 10 minutes up to eight
/// days, of whole hours beyond that. The last minutes are among the measurements only.
#[utoipa::path(get, path = "/agents/{id}/history", operation_id = "agent_history", tag = "agents",
    params(("id" = AgentId, Path), HistoryQuery), security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = History), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_history(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<History>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let range = Range::new(query.from, query.to, app.clock.now(), app.config.history_5m_retention_days)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    if !agents::exists(&mut tx, &scope, id).await? {
        return Err(agents::not_found());
    }
    let items = db::points(&mut tx, &scope, id, range).await?;
    Ok(Json(History { step_seconds: range.step_seconds, items }))
}
