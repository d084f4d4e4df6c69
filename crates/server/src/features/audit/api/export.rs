//! `GET /api/audit-events/export`

use axum::extract::State;
use axum::response::Response;
use gururmm_ids::AuditEventId;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::app::AppState;
use crate::features::audit::db::{self, Filter};
use crate::features::audit::file;
use crate::features::audit::filter::{ExportQuery, Format};
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::attachment::{Attachment, Piece, Pieces};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Problem, Query};

/// Events that are read at once.
const PAGE: u32 = 1_000;

/// Save what was done and refused as a file
///
/// The same events as the list, whole, the newest first. Saving is itself written down.
#[utoipa::path(get, path = "/audit-events/export", operation_id = "audit_event_export", tag = "audit", params(ExportQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("audit.export"))), responses((status = 200, description = "The file, as an attachment", content((String = "text/csv"),
    (Vec<crate::features::audit::AuditEvent> = "application/json"))), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn audit_event_export(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Problem> {
    let scope = caller.require(Permission::AuditExport)?;
    // what is seen where one may save, and not everything that one sees
    let scope = OrgScope { see: scope.act.clone(), ..scope };
    let (filter, format) = (query.filter()?, query.format);
    let before = AuditEventId::generate().as_uuid();
    let now = app.clock.now();
    let detail = json!({ "format": format.extension(), "filter": filter.told() });
    let event = AuditEvent { action: "audit.exported", target: Target::organisation(scope.org_id), detail };
    let mut tx = app.db.begin_scoped(&scope).await?;
    audit::record(&mut tx, &scope, now, event).await?;
    tx.commit().await?;
    let pieces = Events { filter, format, before };
    let (extension, content_type) = (format.extension(), format.content_type());
    Ok(Attachment { caller, scope, name: "audit", extension, content_type, pieces }.into_response(app, now))
}

struct Events {
    filter: Filter,
    format: Format,
    before: Uuid,
}

impl Pieces for Events {
    async fn next(&mut self, tx: &mut PgConnection, scope: &OrgScope, is_first: bool) -> sqlx::Result<Piece> {
        let events = db::list(tx, scope, &self.filter, Some(self.before), PAGE).await?;
        let is_last = (events.len() as u32) < PAGE;
        self.before = events.last().map_or(self.before, |event| event.id.as_uuid());
        Ok(Piece { text: file::piece(self.format, &events, is_first, is_last), is_last })
    }
}
