//! `GET /api/agents`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ClientId, SiteId, SiteKeyId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::agents::db::{self, Filter};
use crate::features::agents::model::{Agent, AgentOs, AgentState, AgentStatus};
use crate::features::agents::order::{Direction, Order, Sort};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::validate::search;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Part of the host name, the display name, the serial number, the logged-in user or the public address.
    search: Option<String>,
    /// Only agents with this status.
    #[param(inline)]
    status: Option<AgentStatus>,
    /// Only agents in this state.
    #[param(inline)]
    state: Option<AgentState>,
    /// Only agents on this system.
    #[param(inline)]
    os: Option<AgentOs>,
    /// Only agents of this client.
    client_id: Option<ClientId>,
    /// Only agents of this site.
    site_id: Option<SiteId>,
    /// Only agents that enrolled with this site key.
    site_key_id: Option<SiteKeyId>,
    /// What to sort by; `name` (the display name, else the host name) unless told. What was never reported counts as least.
    #[param(inline)]
    sort: Option<Sort>,
    /// `asc` unless told.
    #[param(inline)]
    order: Option<Direction>,
    /// The `next` of the page before, of the same order.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Also counts the agents of all pages.
    count: Option<bool>,
}

/// List agents
#[utoipa::path(get, path = "/agents", operation_id = "agent_list", tag = "agents", params(ListQuery), security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = Page<Agent>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Agent>>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let order = Order { sort: query.sort.unwrap_or_default(), direction: query.order.unwrap_or_default() };
    let order_name = order.name();
    let paging = PageQuery { after: query.after, limit: query.limit };
    let limit = paging.limit()?;
    let place = paging.cursor(&order_name)?.map(|cursor| order.place(&cursor)).transpose()?;
    let text = search(query.search.as_deref())?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let filter = Filter {
        found: match text {
            Some(text) => Some(db::search(&mut tx, text).await?),
            None => None,
        },
        status: query.status,
        state: query.state,
        os: query.os,
        client_id: query.client_id,
        site_id: query.site_id,
        site_key_id: query.site_key_id,
    };
    let rows = db::list(&mut tx, &scope, &filter, order, place.as_ref(), limit).await?;
    let count = match query.count {
        Some(true) => Some(db::count(&mut tx, &scope, &filter).await?),
        _ => None,
    };
    let listed =
        page(rows, limit, |row| Cursor::new(&order_name, Some(row.sort_value.clone()), row.agent.id.as_uuid()));
    Ok(Json(Page { items: listed.items.into_iter().map(|row| row.agent).collect(), next: listed.next, count }))
}
