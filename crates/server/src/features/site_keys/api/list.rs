//! `GET /api/site-keys`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ClientId, SiteId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::site_keys::db::{self, Filter};
use crate::features::site_keys::model::SiteKey;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};

const ORDER: &str = "site_keys:newest";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only keys of this site.
    site_id: Option<SiteId>,
    /// Only keys of this client's sites.
    client_id: Option<ClientId>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    limit: Option<u32>,
}

/// List site keys, the newest first
#[utoipa::path(get, path = "/site-keys", operation_id = "site_key_list", tag = "site keys", params(ListQuery), security(("bearer" = [])), extensions(("x-permission" = json!("site_keys.view"))),
    responses((status = 200, body = Page<SiteKey>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_key_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<SiteKey>>, Problem> {
    let scope = caller.require(Permission::SiteKeysView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let filter = Filter { site_id: query.site_id, client_id: query.client_id };
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, cursor.as_ref(), limit).await?;
    let keys = rows.into_iter().map(|row| row.at(now)).collect();
    Ok(Json(page(keys, limit, |key: &SiteKey| Cursor::new(ORDER, None, key.id.as_uuid()))))
}
