//! `GET /api/scripts`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::scripts::db::{self, Filter};
use crate::features::scripts::model::Script;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::time::Time;
use crate::platform::validate::search;

const ORDER: &str = "scripts:folder";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Part of the folder, the name or the description.
    search: Option<String>,
    /// Those that were put away instead of the others.
    #[serde(default)]
    archived: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List scripts, by folder and name
#[utoipa::path(get, path = "/scripts", operation_id = "script_list", tag = "scripts", params(ListQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("scripts.view"))), responses((status = 200, body = Page<Script>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn script_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Script>>, Problem> {
    let scope = caller.require(Permission::ScriptsView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let filter = Filter { search: search(query.search.as_deref())?, is_archived: query.archived };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, filter, cursor.as_ref(), limit).await?;
    let mut page = page(rows, limit, |script| Cursor::new(ORDER, Some(script.sort_name.clone()), script.id.as_uuid()));
    db::add_outcomes(&mut tx, &mut page.items, Time(app.clock.now())).await?;
    Ok(Json(page))
}
