//! `GET /api/command-runs`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ScheduleId, ScriptId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::command_runs::model::{Run, Status};
use crate::features::command_runs::{counts, db};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};

const ORDER: &str = "command-runs:newest";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only runs with this status.
    #[param(inline)]
    status: Option<Status>,
    /// Only runs of this script.
    script_id: Option<ScriptId>,
    /// Only runs that this schedule began.
    schedule_id: Option<ScheduleId>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List runs, newest first
///
/// Those of which the caller sees a command; the numbers are of what they see.
#[utoipa::path(get, path = "/command-runs", operation_id = "command_run_list", tag = "command runs", params(ListQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("commands.view"))), responses((status = 200, body = Page<Run>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Run>>, Problem> {
    let scope = caller.require(Permission::CommandsView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let status = query.status.map(Status::as_str);
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, (status, query.script_id, query.schedule_id), cursor.as_ref(), limit).await?;
    let rows: Vec<_> = rows.into_iter().map(|run: Run| run.shown_to(&scope).named_for(&caller)).collect();
    let mut page = page(rows, limit, |run| Cursor::new(ORDER, None, run.id.as_uuid()));
    counts::count(&mut tx, &mut page.items).await?;
    Ok(Json(page))
}
