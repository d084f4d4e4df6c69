//! `DELETE /api/saved-views/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::SavedViewId;
use serde_json::json;

use crate::app::AppState;
use crate::features::saved_views::{db, model};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::Caller;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Delete a saved view
///
/// One's own; one that is shared also by whoever may change the organisation's settings.
#[utoipa::path(delete, path = "/saved-views/{id}", operation_id = "saved_view_delete", tag = "saved views",
    params(("id" = SavedViewId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("own"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn saved_view_delete(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SavedViewId>,
) -> Result<StatusCode, Problem> {
    caller.person()?;
    let scope = caller.own_scope();
    let mut tx = app.db.begin_scoped(&scope).await?;
    let view = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    view.may_change(&caller)?;
    // somebody else may have removed it since: then theirs is the audit row
    if !db::delete(&mut tx, &scope, id).await? {
        return Err(model::not_found());
    }
    let detail = json!({ "is_shared": view.is_shared, "owner_name": view.owner_name });
    let event = AuditEvent { action: "saved_view.deleted", target: view.target(), detail };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
