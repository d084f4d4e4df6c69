//! `GET /api/users`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::users::db::{self, Filter};
use crate::features::users::model::Member;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};
use crate::platform::validate::search;

const ORDER: &str = "users:name";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Part of the name or the e-mail address.
    search: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    limit: Option<u32>,
}

/// List people by name
///
/// The people of the organisation with what they were given. Who was removed is not among them.
#[utoipa::path(get, path = "/users", operation_id = "user_list", tag = "users", params(ListQuery), security(("bearer" = [])), extensions(("x-permission" = json!("users.view"))),
    responses((status = 200, body = Page<Member>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn user_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<Member>>, Problem> {
    let scope = caller.require(Permission::UsersView)?;
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    cursor.as_ref().map(Cursor::required_value).transpose()?;
    let filter = Filter { id: None, search: search(query.search.as_deref())? };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, cursor.as_ref(), limit).await?;
    Ok(Json(page(rows, limit, |user| Cursor::new(ORDER, Some(user.sort_name.clone()), user.id.as_uuid()))))
}
