//! `GET /api/platform/organisations`

use axum::Json;
use axum::extract::State;

use crate::app::AppState;
use crate::features::organisations::db;
use crate::features::organisations::model::PlatformOrganisation;
use crate::platform::auth::Caller;
use crate::platform::auth::token::Claimed;
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::time::Time;

const ORDER: &str = "organisations:name";

/// List organisations, for operators of the platform
///
/// By name, with their limits and how far they are used; nothing that is in them.
#[utoipa::path(get, path = "/platform/organisations", operation_id = "platform_organisation_list", tag = "platform", params(PageQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("operator"))),
    responses((status = 200, body = Page<PlatformOrganisation>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn platform_organisation_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(paging): Query<PageQuery>,
) -> Result<Json<Page<PlatformOrganisation>>, Problem> {
    let operator = operator(&app, &caller).await?;
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    cursor.as_ref().map(Cursor::required_value).transpose()?;
    let mut tx = app.db.begin_lookup().await?;
    let rows = db::list(&mut tx, operator, cursor.as_ref(), limit, Time(app.clock.now())).await?;
    Ok(Json(page(rows, limit, |row| Cursor::new(ORDER, Some(row.sort_name.clone()), row.id.as_uuid()))))
}

/// The session of an operator; for everybody else there is nothing here.
pub(super) async fn operator(app: &AppState, caller: &Caller) -> Result<Claimed, Problem> {
    let nothing = || Problem::not_found("not_found", "There is nothing here for you.");
    let claimed = caller.person().map_err(|_| nothing())?;
    let is_operator = db::is_operator(&mut *app.db.begin_lookup().await?, claimed, Time(app.clock.now())).await?;
    if is_operator { Ok(claimed) } else { Err(nothing()) }
}
