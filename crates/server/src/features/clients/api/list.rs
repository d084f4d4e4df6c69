//! `GET /api/clients`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::clients::db;
use crate::features::clients::model::Client;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::validate::search;

const ORDER: &str = "clients:name";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Part of the name.
    search: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    limit: Option<u32>,
}

/// List clients by name
#[utoipa::path(get, path = "/clients", operation_id = "client_list", tag = "clients", params(ListQuery), security(("bearer" = [])), extensions(("x-permission" = json!("clients.view"))),
    responses((status = 200, body = Page<Client>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn client_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Client>>, Problem> {
    let scope = caller.require(Permission::ClientsView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    cursor.as_ref().map(Cursor::required_value).transpose()?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, search(query.search.as_deref())?, cursor.as_ref(), limit).await?;
    Ok(Json(page(rows, limit, |client| Cursor::new(ORDER, Some(client.sort_name.clone()), client.id.as_uuid()))))
}
