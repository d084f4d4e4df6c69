//! `GET /api/install-reports`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ClientId, SiteId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::install_reports::db::{self, Filter};
use crate::features::install_reports::model::InstallReport;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};

const ORDER: &str = "install_reports:newest";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only those that came with a key of this client's sites.
    client_id: Option<ClientId>,
    /// Only those that came with a key of this site.
    site_id: Option<SiteId>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List install reports, the newest first
#[utoipa::path(get, path = "/install-reports", operation_id = "install_report_list", tag = "enrolment", params(ListQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("site_keys.view"))),
    responses((status = 200, body = Page<InstallReport>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn install_report_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<InstallReport>>, Problem> {
    let scope = caller.require(Permission::SiteKeysView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let filter = Filter { client_id: query.client_id, site_id: query.site_id };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, cursor.as_ref(), limit).await?;
    Ok(Json(page(rows, limit, |report| Cursor::new(ORDER, None, report.id.as_uuid()))))
}
