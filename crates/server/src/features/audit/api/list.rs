//! `GET /api/audit-events`

use axum::Json;
use axum::extract::State;

use crate::app::AppState;
use crate::features::audit::db;
use crate::features::audit::filter::ListQuery;
use crate::features::audit::model::AuditEvent;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};

const ORDER: &str = "audit_events:newest";

/// List what was done and refused, the newest first
#[utoipa::path(get, path = "/audit-events", operation_id = "audit_event_list", tag = "audit", params(ListQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("audit.view"))),
    responses((status = 200, body = Page<AuditEvent>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn audit_event_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<AuditEvent>>, Problem> {
    let scope = caller.require(Permission::AuditView)?;
    let filter = query.filter()?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, cursor.map(|cursor| cursor.id), limit + 1).await?;
    Ok(Json(page(rows, limit, |event| Cursor::new(ORDER, None, event.id.as_uuid()))))
}
