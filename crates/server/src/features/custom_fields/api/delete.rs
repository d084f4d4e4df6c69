//! `DELETE /api/custom-fields/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::CustomFieldId;
use serde_json::json;

use crate::app::AppState;
use crate::features::custom_fields::{db, model};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// Delete a custom field
///
/// What it says of machines goes with it.
#[utoipa::path(delete, path = "/custom-fields/{id}", operation_id = "custom_field_delete", tag = "custom fields",
    params(("id" = CustomFieldId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("organisation.edit"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn custom_field_delete(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CustomFieldId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::OrganisationEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let field = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let agent_count: i64 = db::uses(&mut tx, id).await?.iter().map(|(_, count)| count).sum();
    // somebody else may have removed it since: then theirs is the audit row
    if !db::delete(&mut tx, &scope, id).await? {
        return Err(model::not_found());
    }
    let detail = json!({ "kind": field.kind, "choices": field.choices, "agent_count": agent_count });
    let event = AuditEvent { action: "custom_field.deleted", target: field.target(), detail };
    audit::record(&mut tx, &scope, app.clock.now(), event).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
