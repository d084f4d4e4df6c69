//! `POST /api/custom-fields`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::CustomFieldId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::custom_fields::db;
use crate::features::custom_fields::model::{self, CustomField, FIELDS_MAX, Kind};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = CustomFieldCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// 1 to 80 characters, unique in the organisation.
    name: String,
    /// What its values are. It stays so.
    kind: Kind,
    /// What may be chosen, 1 to 100, for a choice only.
    #[serde(default)]
    choices: Vec<String>,
}

/// Create a custom field
///
/// Every machine of the organisation has it, without a value at first. An organisation has at most 50.
#[utoipa::path(post, path = "/custom-fields", operation_id = "custom_field_create", tag = "custom fields", request_body = Create,
    security(("bearer" = [])), extensions(("x-permission" = json!("organisation.edit"))),
    responses((status = 201, body = CustomField), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn custom_field_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<CustomField>), Problem> {
    let scope = caller.require(Permission::OrganisationEdit)?;
    let (name, choices) = (model::name(&body.name)?, model::choices(body.kind, &body.choices)?);
    let (id, now) = (CustomFieldId::generate(), Time(app.clock.now()));
    let mut tx = app.db.begin_scoped(&scope).await?;
    if db::count(&mut tx, &scope).await? >= FIELDS_MAX {
        let detail = format!("An organisation has at most {FIELDS_MAX} fields. Delete one first.");
        return Err(Problem::conflict("custom_field_limit_reached", detail));
    }
    match db::insert(&mut tx, &scope, (id, &name, body.kind), &choices, now).await {
        Err(error) if violates(&error, "custom_fields_name") => return Err(model::name_taken()),
        result => result?,
    }
    let field = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "kind": field.kind, "choices": field.choices });
    let event = AuditEvent { action: "custom_field.created", target: field.target(), detail };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(field)))
}
