//! `PATCH /api/custom-fields/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CustomFieldId;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::custom_fields::db;
use crate::features::custom_fields::model::{self, CustomField};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = CustomFieldUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 80 characters, unique in the organisation.
    name: Option<String>,
    /// What may be chosen from now on, in this order. A choice that machines have cannot be taken away.
    choices: Option<Vec<String>>,
}

/// Rename a custom field or change its choices
#[utoipa::path(patch, path = "/custom-fields/{id}", operation_id = "custom_field_update", tag = "custom fields",
    params(("id" = CustomFieldId, Path)), request_body = Update, security(("bearer" = [])),
    extensions(("x-permission" = json!("organisation.edit"))),
    responses((status = 200, body = CustomField), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn custom_field_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CustomFieldId>,
    Body(body): Body<Update>,
) -> Result<Json<CustomField>, Problem> {
    let scope = caller.require(Permission::OrganisationEdit)?;
    let name = body.name.as_deref().map(model::name).transpose()?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let name = name.unwrap_or_else(|| before.name.clone());
    let choices = match body.choices {
        Some(choices) => model::choices(before.kind, &choices)?,
        None => before.choices.clone(),
    };
    if name == before.name && choices == before.choices {
        return Ok(Json(before));
    }
    keep_used_choices(&mut tx, &before, &choices).await?;
    match db::update(&mut tx, &scope, id, &name, &choices, now).await {
        Err(error) if violates(&error, "custom_fields_name") => return Err(model::name_taken()),
        result => result?,
    }
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "before": told(&before), "after": told(&after) });
    let event = AuditEvent { action: "custom_field.updated", target: after.target(), detail };
    audit::record(&mut tx, &scope, now.0, event).await?;
    tx.commit().await?;
    Ok(Json(after))
}

async fn keep_used_choices(tx: &mut PgConnection, field: &CustomField, choices: &[String]) -> Result<(), Problem> {
    if field.choices.iter().all(|choice| choices.contains(choice)) {
        return Ok(());
    }
    let uses = db::uses(tx, field.id).await?;
    match uses.iter().find(|(value, _)| !choices.contains(value)) {
        None => Ok(()),
        Some((value, count)) => Err(Problem::conflict(
            "choice_in_use",
            format!("The choice {value} is set on {count} machines. Choose something else there first."),
        )),
    }
}

fn told(field: &CustomField) -> Value {
    json!({ "name": field.name, "choices": field.choices.join(", ") })
}
