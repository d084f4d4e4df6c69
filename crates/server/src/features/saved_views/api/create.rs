//! `POST /api/saved-views`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::SavedViewId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::saved_views::db::{self, Wished};
use crate::features::saved_views::model::{self, Columns, SavedView, Search, VIEWS_MAX};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::Caller;
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = SavedViewCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// 1 to 80 characters, unique among one's own.
    name: String,
    /// Whether everybody of the organisation sees it; private unless told.
    #[serde(default)]
    is_shared: bool,
    /// The parameters of the table's address, by name. With the columns at most 8 KiB.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    search: Search,
    /// Columns that are switched on or off; the others are as the table has them.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, bool>)]
    columns: Columns,
}

/// Save a view
///
/// For oneself or for everybody of the organisation. A person has at most 100.
#[utoipa::path(post, path = "/saved-views", operation_id = "saved_view_create", tag = "saved views", request_body = Create,
    security(("bearer" = [])), extensions(("x-permission" = json!("own"))),
    responses((status = 201, body = SavedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn saved_view_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<SavedView>), Problem> {
    caller.person()?;
    let scope = caller.own_scope();
    let name = model::name(&body.name)?;
    model::check(&body.search, &body.columns)?;
    let (id, now) = (SavedViewId::generate(), Time(app.clock.now()));
    let wished = Wished { name: &name, is_shared: body.is_shared, search: &body.search, columns: &body.columns };
    let mut tx = app.db.begin_scoped(&scope).await?;
    if db::count_own(&mut tx, &scope).await? >= VIEWS_MAX {
        let detail = format!("A person has at most {VIEWS_MAX} saved views. Delete one first.");
        return Err(Problem::conflict("saved_view_limit_reached", detail));
    }
    match db::insert(&mut tx, &scope, id, &wished, now).await {
        Err(error) if violates(&error, "saved_views_name") => return Err(model::name_taken()),
        result => result?,
    }
    let view = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "is_shared": view.is_shared, "search": view.search, "columns": view.columns });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "saved_view.created", target: view.target(), detail })
        .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}
