//! `PATCH /api/clients/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::ClientId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::clients::db;
use crate::features::clients::model::{self, Client, ClientKind};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::validate::name;

#[derive(Deserialize, ToSchema)]
#[schema(as = ClientUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 200 characters, unique in the organisation.
    name: Option<String>,
    /// What sort of customer it is.
    kind: Option<ClientKind>,
}

/// Rename a client or change its kind
#[utoipa::path(patch, path = "/clients/{id}", operation_id = "client_update", tag = "clients", params(("id" = ClientId, Path)),
    request_body = Update, security(("bearer" = [])), extensions(("x-permission" = json!("clients.edit"))),
    responses((status = 200, body = Client), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn client_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ClientId>,
    Body(body): Body<Update>,
) -> Result<Json<Client>, Problem> {
    let scope = caller.require(Permission::ClientsEdit)?;
    let new_name = body.name.as_deref().map(|text| name("name", text)).transpose()?;
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    scope.at(before.target().place())?;
    let is_named_so = new_name.as_ref().is_none_or(|name| *name == before.name);
    if is_named_so && body.kind.is_none_or(|kind| kind.as_str() == before.kind) {
        return Ok(Json(before));
    }
    match db::update(&mut tx, &scope, id, new_name.as_deref(), body.kind, now).await {
        Err(error) if violates(&error, "clients_name") => return Err(model::name_taken()),
        result => result?,
    };
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "before": { "name": before.name, "kind": before.kind }, "after": { "name": after.name, "kind": after.kind } });
    audit::record(&mut tx, &scope, now, AuditEvent { action: "client.updated", target: after.target(), detail })
        .await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    Ok(Json(after))
}
