//! `GET /api/agents/{id}/metrics`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::agents;
use crate::features::metrics::db;
use crate::features::metrics::model::{MetricsRange, Range};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem, Query};
use crate::platform::time::Time;

const POINTS_MAX: usize = 5_000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RangeQuery {
    /// The first moment; an hour before the last unless told.
    from: Option<Time>,
    /// The last moment, at most 31 days after the first; now unless told.
    to: Option<Time>,
}

/// Get an agent's measurements
///
/// At most 5,000 points; `truncated` tells when there are more.
#[utoipa::path(get, path = "/agents/{id}/metrics", operation_id = "agent_metrics", tag = "agents",
    params(("id" = AgentId, Path), RangeQuery), security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = MetricsRange), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_metrics(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Query(query): Query<RangeQuery>,
) -> Result<Json<MetricsRange>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let range = Range::new(query.from, query.to, app.clock.now())?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    if !agents::exists(&mut tx, &scope, id).await? {
        return Err(agents::not_found());
    }
    let mut items = db::range(&mut tx, &scope, id, range, POINTS_MAX).await?;
    let truncated = items.len() > POINTS_MAX;
    items.truncate(POINTS_MAX);
    Ok(Json(MetricsRange { items, truncated }))
}
