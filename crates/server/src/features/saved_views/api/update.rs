//! `PATCH /api/saved-views/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::SavedViewId;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::saved_views::db::{self, Wished};
use crate::features::saved_views::model::{self, Columns, SavedView, Search};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::Caller;
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = SavedViewUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 80 characters, unique among its owner's.
    name: Option<String>,
    /// Whether everybody of the organisation sees it. Only its owner takes a shared one back.
    is_shared: Option<bool>,
    /// All parameters of the table's address, by name.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    search: Option<Search>,
    /// All columns that are switched on or off.
    #[schema(value_type = Option<BTreeMap<String, bool>>)]
    columns: Option<Columns>,
}

/// Change a saved view
///
/// One's own; one that is shared also by whoever may change the organisation's settings.
#[utoipa::path(patch, path = "/saved-views/{id}", operation_id = "saved_view_update", tag = "saved views",
    params(("id" = SavedViewId, Path)), request_body = Update, security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))), responses((status = 200, body = SavedView), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn saved_view_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SavedViewId>,
    Body(body): Body<Update>,
) -> Result<Json<SavedView>, Problem> {
    caller.person()?;
    let scope = caller.own_scope();
    let name = body.name.as_deref().map(model::name).transpose()?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    before.may_change(&caller)?;
    let wished = Wished {
        name: name.as_deref().unwrap_or(&before.name),
        is_shared: body.is_shared.unwrap_or(before.is_shared),
        search: body.search.as_ref().unwrap_or(&before.search),
        columns: body.columns.as_ref().unwrap_or(&before.columns),
    };
    model::check(wished.search, wished.columns)?;
    if !wished.is_shared && !before.is_own {
        return Err(Problem::field("is_shared", "Only its owner takes a shared view back."));
    }
    let is_same = wished.name == before.name
        && wished.is_shared == before.is_shared
        && *wished.search == before.search
        && *wished.columns == before.columns;
    if is_same {
        return Ok(Json(before));
    }
    match db::update(&mut tx, &scope, id, &wished, now).await {
        Err(error) if violates(&error, "saved_views_name") => return Err(model::name_taken()),
        result => result?,
    }
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "before": told(&before), "after": told(&after) });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "saved_view.updated", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    Ok(Json(after))
}

fn told(view: &SavedView) -> Value {
    json!({ "name": view.name, "is_shared": view.is_shared, "search": view.search, "columns": view.columns })
}
