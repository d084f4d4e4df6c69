//! `GET /api/agents/export`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use gururmm_ids::CustomFieldId;
use serde_json::json;
use sqlx::PgConnection;

use crate::app::AppState;
use crate::features::agents::db;
use crate::features::agents::file::{self, Column};
use crate::features::agents::filter::{Asked, ExportQuery};
use crate::features::agents::order::{Order, Place};
use crate::features::custom_fields;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::attachment::{Attachment, Piece, Pieces};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Problem, Query};

/// Agents that are read at once.
const PAGE: u32 = 1_000;
/// Most agents of a file.
const ROWS_MAX: u32 = 100_000;

/// Save the list of agents as a file
///
/// The same agents in the same order as the list, whole, as CSV; at most 100,000. Saving is itself written down.
#[utoipa::path(get, path = "/agents/export", operation_id = "agent_export", tag = "agents", params(ExportQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("agents.view"))),
    responses((status = 200, description = "The file, as an attachment", body = String, content_type = "text/csv"), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_export(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let (asked, order) = (query.asked()?, query.order());
    let columns = file::columns(query.columns.as_deref())?;
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    let count = db::count(&mut tx, &scope, &asked).await?;
    if count > i64::from(ROWS_MAX) {
        let detail = format!("These are {count} machines, and a file holds at most {ROWS_MAX}. Narrow the view.");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_rows", detail));
    }
    let fields = custom_fields::names(&mut tx, &scope).await?;
    let detail = json!({ "count": count, "filter": asked.told() });
    let event = AuditEvent { action: "agent.exported", target: Target::organisation(scope.org_id), detail };
    audit::record(&mut tx, &scope, now, event).await?;
    tx.commit().await?;
    let pieces = Rows { asked, order, columns, fields, after: None, left: ROWS_MAX };
    let content_type = "text/csv; charset=utf-8";
    let file = Attachment { caller, scope, name: "machines", extension: "csv", content_type, pieces };
    Ok(file.into_response(app, now))
}

struct Rows {
    asked: Asked,
    order: Order,
    columns: Vec<Column>,
    fields: BTreeMap<CustomFieldId, String>,
    after: Option<Place>,
    left: u32,
}

impl Pieces for Rows {
    async fn next(&mut self, tx: &mut PgConnection, scope: &OrgScope, is_first: bool) -> sqlx::Result<Piece> {
        let limit = PAGE.min(self.left);
        let mut rows = db::list(tx, scope, &self.asked, self.order, self.after.as_ref(), limit).await?;
        // one more is read than is asked for
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        self.left -= rows.len() as u32;
        let mut text = if is_first { file::headings(&self.columns, &self.fields) } else { String::new() };
        for row in &rows {
            file::push_agent(&mut text, &self.columns, &row.agent);
        }
        if let Some(row) = rows.last() {
            let cursor = Cursor::new(&self.order.name(), Some(row.sort_value.clone()), row.agent.id.as_uuid());
            self.after = self.order.place(&cursor).ok();
        }
        Ok(Piece { text, is_last: !has_more || self.left == 0 })
    }
}
