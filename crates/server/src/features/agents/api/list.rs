//! `GET /api/agents`

use axum::Json;
use axum::extract::State;

use crate::app::AppState;
use crate::features::agents::db;
use crate::features::agents::filter::ListQuery;
use crate::features::agents::model::Agent;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};

/// List agents
#[utoipa::path(get, path = "/agents", operation_id = "agent_list", tag = "agents", params(ListQuery), security(("bearer" = [])), extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = Page<Agent>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Agent>>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let (asked, order) = (query.asked()?, query.order());
    let order_name = order.name();
    let paging = PageQuery { after: query.after, limit: query.limit };
    let limit = paging.limit()?;
    let place = paging.cursor(&order_name)?.map(|cursor| order.place(&cursor)).transpose()?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &asked, order, place.as_ref(), limit).await?;
    let count = match query.count {
        Some(true) => Some(db::count(&mut tx, &scope, &asked).await?),
        _ => None,
    };
    let listed =
        page(rows, limit, |row| Cursor::new(&order_name, Some(row.sort_value.clone()), row.agent.id.as_uuid()));
    Ok(Json(Page { items: listed.items.into_iter().map(|row| row.agent).collect(), next: listed.next, count }))
}
