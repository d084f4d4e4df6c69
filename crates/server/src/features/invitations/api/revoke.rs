//! `POST /api/invitations/{id}/revoke`

use axum::Json;
use axum::extract::State;
use gururmm_ids::InvitationId;
use serde_json::json;

use crate::app::AppState;
use crate::features::invitations::db;
use crate::features::invitations::model::{self, Invitation};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::stored::GrantEffect;
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Revoke an invitation
///
/// Its link works no more. By somebody who may give what it gives. Revoking one that was used or revoked changes nothing.
#[utoipa::path(post, path = "/invitations/{id}/revoke", operation_id = "invitation_revoke", tag = "users",
    params(("id" = InvitationId, Path)), security(("bearer" = [])), extensions(("x-permission" = json!("users.edit"))),
    responses((status = 200, body = Invitation), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn invitation_revoke(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<InvitationId>,
) -> Result<Json<Invitation>, Problem> {
    let scope = caller.require(Permission::UsersEdit)?;
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    for grant in &before.grants {
        // what is gone was nobody's to give
        if let Ok(resolved) = grant.wish().resolve(&mut tx, &scope, GrantEffect::Allow).await {
            giving::may_give(caller.access(), resolved.permissions, resolved.place)?;
        }
    }
    let was_open = db::revoke(&mut tx, &scope, id, Time(now)).await?;
    let invitation = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.at(now);
    if was_open {
        let event = AuditEvent { action: "invitation.revoked", target: invitation.target(), detail: json!({}) };
        audit::record(&mut tx, &scope, now, event).await?;
    }
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::UsersChanged {});
    Ok(Json(invitation))
}
