//! `GET /api/audit-events`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{AgentId, ClientId, SiteId};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::app::AppState;
use crate::features::audit::db::{self, Filter};
use crate::features::audit::model::AuditEvent;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::time::Time;
use crate::platform::validate::{search, text};

const ORDER: &str = "audit_events:newest";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only this action, such as `client.created`.
    action: Option<String>,
    /// Only what this person or machine did.
    actor_id: Option<Uuid>,
    /// Only what was done to this thing.
    target_id: Option<Uuid>,
    /// Only what concerns this machine, its commands included.
    agent_id: Option<AgentId>,
    /// Only what was done to things of this client.
    client_id: Option<ClientId>,
    /// Only what was done to things of this site.
    site_id: Option<SiteId>,
    /// The first moment.
    from: Option<Time>,
    /// The last moment.
    to: Option<Time>,
    /// Part of the action, of the target's or of the actor's name.
    search: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List what was done, the newest first
#[utoipa::path(get, path = "/audit-events", operation_id = "audit_event_list", tag = "audit", params(ListQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("audit.view"))),
    responses((status = 200, body = Page<AuditEvent>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn audit_event_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<AuditEvent>>, Problem> {
    let scope = caller.require(Permission::AuditView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let filter = Filter {
        action: text("action", query.action.as_deref())?,
        actor_id: query.actor_id,
        target_id: query.target_id,
        agent_id: query.agent_id,
        client_id: query.client_id,
        site_id: query.site_id,
        from: query.from.map(Time::since_1970),
        to: query.to.map(Time::since_1970),
        search: search(query.search.as_deref())?,
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, cursor.as_ref(), limit).await?;
    Ok(Json(page(rows, limit, |event| Cursor::new(ORDER, None, event.id.as_uuid()))))
}
