//! `GET /api/sites/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::SiteId;

use crate::app::AppState;
use crate::features::sites::db;
use crate::features::sites::model::{self, Site};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Get a site
#[utoipa::path(get, path = "/sites/{id}", operation_id = "site_get", tag = "sites", params(("id" = SiteId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("sites.view"))),
    responses((status = 200, body = Site), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SiteId>,
) -> Result<Json<Site>, Problem> {
    let scope = caller.require(Permission::SitesView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?))
}
