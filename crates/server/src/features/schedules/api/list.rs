//! `GET /api/schedules`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ClientId, ScriptId, SiteId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::schedules::db;
use crate::features::schedules::model::{Row, Schedule, Status};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::validate::search;

const ORDER: &str = "schedules:name";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Part of the name.
    search: Option<String>,
    /// Only schedules with this status.
    #[param(inline)]
    status: Option<Status>,
    /// Only schedules of this script.
    script_id: Option<ScriptId>,
    /// Only schedules whose machines are at this client, or at one of its sites.
    client_id: Option<ClientId>,
    /// Only schedules whose machines are at this site.
    site_id: Option<SiteId>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List schedules by name
#[utoipa::path(get, path = "/schedules", operation_id = "schedule_list", tag = "schedules", params(ListQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("schedules.view"))), responses((status = 200, body = Page<Schedule>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn schedule_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Schedule>>, Problem> {
    let scope = caller.require(Permission::SchedulesView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let filter = db::Filter {
        search: search(query.search.as_deref())?,
        status: query.status,
        script_id: query.script_id,
        client_id: query.client_id,
        site_id: query.site_id,
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, cursor.as_ref(), limit).await?;
    let Page { items, next, count } =
        page(rows, limit, |row| Cursor::new(ORDER, Some(row.sort_name.clone()), row.id.as_uuid()));
    let items = items.into_iter().map(Row::shown).collect();
    Ok(Json(Page { items, next, count }))
}
