//! `GET /api/api-keys`

use axum::Json;
use axum::extract::State;
use gururmm_ids::UserId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::AppState;
use crate::features::api_keys::db::{self, Filter};
use crate::features::api_keys::model::ApiKey;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::page::page;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Cursor, Page, PageQuery, Problem, Query};

const ORDER: &str = "api_keys:newest";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only keys of this person; one's own need no permission. Everybody's unless told.
    user_id: Option<UserId>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows wanted, 1 to 200; 50 unless told.
    limit: Option<u32>,
}

/// List API keys, the newest first
///
/// One's own, with `user_id`; those of others need the permission `api_keys.edit`.
#[utoipa::path(get, path = "/api-keys", operation_id = "api_key_list", tag = "api keys", params(ListQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = Page<ApiKey>), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn api_key_list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<ApiKey>>, Problem> {
    caller.person()?;
    let is_own = query.user_id == Some(caller.identity.user_id);
    let scope = if is_own { caller.own_scope() } else { caller.require(Permission::ApiKeysEdit)? };
    let paging = PageQuery { after: query.after, limit: query.limit };
    let (limit, cursor) = (paging.limit()?, paging.cursor(ORDER)?);
    let filter = Filter { id: None, user_id: query.user_id };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let rows = db::list(&mut tx, &scope, &filter, app.clock.now(), cursor.as_ref(), limit).await?;
    Ok(Json(page(rows, limit, |key| Cursor::new(ORDER, None, key.id.as_uuid()))))
}
