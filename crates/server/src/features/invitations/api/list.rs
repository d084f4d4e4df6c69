//! `GET /api/invitations`

use axum::Json;
use axum::extract::State;

use crate::app::AppState;
use crate::features::invitations::db;
use crate::features::invitations::model::Invitation;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};

const ORDER: &str = "invitations:newest";

/// List invitations, the newest first
#[utoipa::path(get, path = "/invitations", operation_id = "invitation_list", tag = "users", params(PageQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("users.edit"))),
    responses((status = 200, body = Page<Invitation>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn invitation_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(paging): Query<PageQuery>,
) -> Result<Json<Page<Invitation>>, Problem> {
    let scope = caller.require(Permission::UsersEdit)?;
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, None, cursor.as_ref(), limit).await?;
    let invitations = rows.into_iter().map(|row| row.at(now)).collect();
    Ok(Json(page(invitations, limit, |invitation: &Invitation| Cursor::new(ORDER, None, invitation.id.as_uuid()))))
}
