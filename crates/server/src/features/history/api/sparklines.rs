//! `GET /api/agents/sparklines`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::features::history::db;
use crate::features::history::model::Sparkline;
use crate::features::history::step::Step;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Problem, Query};

/// Steps of 5 minutes: three hours.
const STEPS: usize = 36;
/// As many as a page of a list has at most.
const AGENTS_MAX: usize = 200;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SparklinesQuery {
    /// At most 200 agents, separated by commas.
    agent_ids: String,
}

/// Sparklines of several agents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SparklineList {
    /// Length of a step, seconds.
    step_seconds: i32,
    /// One for each agent that there is, in no particular order.
    items: Vec<Sparkline>,
}

/// Get sparklines
///
/// How busy several agents were in the last three hours.
#[utoipa::path(get, path = "/agents/sparklines", operation_id = "agent_sparklines", tag = "agents", params(SparklinesQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = SparklineList), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_sparklines(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<SparklinesQuery>,
) -> Result<Json<SparklineList>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let ids = query.agent_ids.split(',').take(AGENTS_MAX + 1).map(|id| id.trim().parse::<AgentId>());
    let Ok(ids) = ids.map(|id| id.map(AgentId::as_uuid)).collect::<Result<Vec<_>, _>>() else {
        return Err(Problem::invalid_request("agent_ids must be ids of agents, separated by commas."));
    };
    if ids.len() > AGENTS_MAX {
        return Err(Problem::invalid_request("agent_ids must name at most 200 agents."));
    }
    let step = Step::FIVE_MINUTES;
    let length = SignedDuration::from_secs(STEPS as i64 * i64::from(step.seconds));
    let now = step.floor(app.clock.now());
    let from = now.saturating_sub(length).unwrap_or(now);
    let mut tx = app.db.begin_scoped(&scope).await?;
    let items = db::sparklines(&mut tx, &scope, &ids, from, STEPS).await?;
    Ok(Json(SparklineList { step_seconds: step.seconds, items }))
}
