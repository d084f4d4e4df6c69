//! `GET /api/audit-events/export`

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use gururmm_ids::AuditEventId;
use jiff::tz::TimeZone;
use serde_json::json;
use uuid::Uuid;

use crate::app::AppState;
use crate::features::audit::db::{self, Filter};
use crate::features::audit::file;
use crate::features::audit::filter::{ExportQuery, Format};
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Problem, Query};

/// Events that are read at once: nobody's slow line keeps a connection to the database.
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
    let name = format!("audit-{}.{}", now.to_zoned(TimeZone::UTC).date(), format.extension());
    let headers = [
        (header::CONTENT_TYPE, format.content_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let export = Export { app, scope, filter, format, before, stage: Stage::Beginning };
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
    format: Format,
    before: Uuid,
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
        let mut tx = self.app.db.begin_scoped(&self.scope).await.map_err(std::io::Error::other)?;
        let listed = db::list(&mut tx, &self.scope, &self.filter, Some(self.before), PAGE).await;
        let events = listed.map_err(std::io::Error::other)?;
        drop(tx);
        let (is_first, is_last) = (self.stage == Stage::Beginning, (events.len() as u32) < PAGE);
        self.before = events.last().map_or(self.before, |event| event.id.as_uuid());
        self.stage = if is_last { Stage::End } else { Stage::Middle };
        Ok(Some(file::piece(self.format, &events, is_first, is_last).into()))
    }
}
