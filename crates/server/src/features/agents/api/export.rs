//! `GET /api/agents/export`

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use gururmm_ids::CustomFieldId;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::app::AppState;
use crate::features::agents::db::{self, Filter};
use crate::features::agents::file::{self, Column};
use crate::features::agents::filter::ExportQuery;
use crate::features::agents::order::{Order, Place};
use crate::features::custom_fields;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Problem, Query};

/// Agents that are read at once: nobody's slow line keeps a connection to the database.
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
    let (now, told) = (app.clock.now(), asked.told());
    let mut tx = app.db.begin_scoped(&scope).await?;
    let filter = asked.filter(&mut tx, &scope).await?;
    let count = db::count(&mut tx, &scope, &filter).await?;
    if count > i64::from(ROWS_MAX) {
        let detail = format!("These are {count} machines, and a file holds at most {ROWS_MAX}. Narrow the view.");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_rows", detail));
    }
    let fields = custom_fields::names(&mut tx, &scope).await?;
    let detail = json!({ "count": count, "filter": told });
    let event = AuditEvent { action: "agent.exported", target: Target::organisation(scope.org_id), detail };
    audit::record(&mut tx, &scope, now, event).await?;
    tx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"machines-{}.csv\"", now.to_zoned(TimeZone::UTC).date()),
        ),
    ];
    let export =
        Export { app, scope, filter, order, columns, fields, after: None, left: ROWS_MAX, stage: Stage::Beginning };
    let pieces = stream::try_unfold(export, |mut export| async move {
        let piece = export.next().await?;
        Ok::<_, std::io::Error>(piece.map(|piece| (piece, export)))
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// How far a file has got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Beginning,
    Middle,
    End,
}

struct Export {
    app: AppState,
    scope: OrgScope,
    filter: Filter,
    order: Order,
    columns: Vec<Column>,
    fields: BTreeMap<CustomFieldId, String>,
    after: Option<Place>,
    left: u32,
    stage: Stage,
}

impl Export {
    /// The next piece of the file; none after the last.
    async fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        if self.stage == Stage::End {
            return Ok(None);
        }
        if self.app.stopping.is_cancelled() {
            return Err(std::io::Error::other("the server is stopping"));
        }
        let limit = PAGE.min(self.left);
        let mut tx = self.app.db.begin_scoped(&self.scope).await.map_err(std::io::Error::other)?;
        let listed = db::list(&mut tx, &self.scope, &self.filter, self.order, self.after.as_ref(), limit).await;
        let mut rows = listed.map_err(std::io::Error::other)?;
        drop(tx);
        // one more is read than is asked for
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        self.left -= rows.len() as u32;
        let mut text = match self.stage {
            Stage::Beginning => file::headings(&self.columns, &self.fields),
            _ => String::new(),
        };
        for row in &rows {
            file::push_agent(&mut text, &self.columns, &row.agent);
        }
        if let Some(row) = rows.last() {
            let cursor = Cursor::new(&self.order.name(), Some(row.sort_value.clone()), row.agent.id.as_uuid());
            self.after = self.order.place(&cursor).ok();
        }
        self.stage = if has_more && self.left > 0 { Stage::Middle } else { Stage::End };
        Ok(Some(text.into()))
    }
}
