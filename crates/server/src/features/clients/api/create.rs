//! `POST /api/clients`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::ClientId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::clients::db;
use crate::features::clients::model::{self, Client, ClientKind};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, Place};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::validate::name;

#[derive(Deserialize, ToSchema)]
#[schema(as = ClientCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// 1 to 200 characters, unique in the organisation.
    name: String,
    /// `corporate` unless told.
    #[serde(default)]
    kind: ClientKind,
}

/// Create a client
#[utoipa::path(post, path = "/clients", operation_id = "client_create", tag = "clients", request_body = Create, security(("bearer" = [])), extensions(("x-permission" = json!("clients.edit"))),
    responses((status = 201, body = Client), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn client_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Client>), Problem> {
    let scope = caller.require(Permission::ClientsEdit)?;
    scope.at(Place::Organisation)?;
    let name = name("name", &body.name)?;
    let (id, now) = (ClientId::generate(), app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    match db::insert(&mut tx, &scope, id, &name, body.kind, now).await {
        Err(error) if violates(&error, "clients_name") => return Err(model::name_taken()),
        result => result?,
    }
    let client = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let event =
        AuditEvent { action: "client.created", target: client.target(), detail: json!({ "kind": client.kind }) };
    audit::record(&mut tx, &scope, now, event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    Ok((StatusCode::CREATED, Json(client)))
}
