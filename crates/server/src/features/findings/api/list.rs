//! `GET /api/findings`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{AgentId, ClientId, SiteId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::findings::db::{self, Filter};
use crate::features::findings::model::{Finding, FindingKind};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};

const ORDER: &str = "findings:newest";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only those about this machine.
    agent_id: Option<AgentId>,
    /// Only those about machines of this client.
    client_id: Option<ClientId>,
    /// Only those about machines of this site.
    site_id: Option<SiteId>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<FindingKind>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List findings, the newest first
///
/// What somebody should look at about the identity of machines.
#[utoipa::path(get, path = "/findings", operation_id = "finding_list", tag = "enrolment", params(ListQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, body = Page<Finding>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn finding_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Finding>>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let filter = Filter {
        id: None,
        agent_id: query.agent_id,
        client_id: query.client_id,
        site_id: query.site_id,
        kind: query.kind,
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, cursor.as_ref(), limit).await?;
    Ok(Json(page(rows, limit, |finding| Cursor::new(ORDER, None, finding.id.as_uuid()))))
}
