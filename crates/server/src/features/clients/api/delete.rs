//! `DELETE /api/clients/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::ClientId;
use serde_json::json;

use crate::app::AppState;
use crate::features::clients::{db, model};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;

/// Delete a client that has no sites and no schedules
#[utoipa::path(delete, path = "/clients/{id}", operation_id = "client_delete", tag = "clients", params(("id" = ClientId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("clients.edit"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn client_delete(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<ClientId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::ClientsEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let client = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    scope.at(client.target().place())?;
    match db::delete(&mut tx, &scope, id).await {
        Err(error) if violates(&error, "sites_client_fkey") => {
            return Err(Problem::conflict("client_not_empty", "This client still has sites. Delete them first."));
        }
        Err(error) if violates(&error, "schedules_client_fkey") => {
            let detail = "This client still has schedules. Somebody who may edit schedules there has to delete or move them first.";
            return Err(Problem::conflict("client_not_empty", detail));
        }
        // somebody else removed it since: theirs is the audit row
        Ok(false) => return Err(model::not_found()),
        result => result?,
    };
    audit::record(
        &mut tx,
        &scope,
        app.clock.now(),
        AuditEvent { action: "client.deleted", target: client.target(), detail: json!({}) },
    )
    .await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    Ok(StatusCode::NO_CONTENT)
}
