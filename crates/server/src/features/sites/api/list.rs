//! `GET /api/sites`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ClientId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::sites::db::{self, Filter};
use crate::features::sites::model::Site;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::validate::search;

const ORDER: &str = "sites:name";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only sites of this client.
    client_id: Option<ClientId>,
    /// Part of the name.
    search: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    limit: Option<u32>,
}

/// List sites by name
#[utoipa::path(get, path = "/sites", operation_id = "site_list", tag = "sites", params(ListQuery), security(("bearer" = [])), extensions(("x-permission" = json!("sites.view"))),
    responses((status = 200, body = Page<Site>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Site>>, Problem> {
    let scope = caller.require(Permission::SitesView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    cursor.as_ref().map(Cursor::required_value).transpose()?;
    let filter = Filter { client_id: query.client_id, search: search(query.search.as_deref())? };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, cursor.as_ref(), limit).await?;
    Ok(Json(page(rows, limit, |site| Cursor::new(ORDER, Some(site.sort_name.clone()), site.id.as_uuid()))))
}
