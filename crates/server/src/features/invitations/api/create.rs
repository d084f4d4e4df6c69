//! `POST /api/invitations`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::InvitationId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::{link_token, validate_email};
use crate::features::invitations::db::{self, New};
use crate::features::invitations::model::{self, Invitation};
use crate::features::users::Wish;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::stored::GrantEffect;
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;
use crate::platform::validate;

const DAYS_DEFAULT: i64 = 7;
const DAYS_MAX: i64 = 30;
const GRANTS_MAX: usize = 20;
/// Most open invitations of an organisation.
const OPEN_MAX: i64 = 500;

#[derive(Deserialize, ToSchema)]
#[schema(as = InvitationCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// Whom it is for.
    email: String,
    /// What it gives, 1 to 20 roles.
    grants: Vec<Wish>,
    /// For how many days its link works, 1 to 30; 7 unless told.
    expires_in_days: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = InvitationCreated)]
pub(crate) struct Created {
    /// What can be seen of it later.
    invitation: Invitation,
    /// The link. It is shown this once, to be sent to whom it is for; the server keeps only a hash of its token.
    url: String,
    /// The token in it.
    token: String,
}

/// Invite somebody
///
/// Answers a link that works once, for an account of this address. Nobody gives what they do not hold themselves, there; what the link gives is
/// checked again, with its maker's rights of that moment, when it is used.
#[utoipa::path(post, path = "/invitations", operation_id = "invitation_create", tag = "users", request_body = Create,
    security(("bearer" = [])), extensions(("x-permission" = json!("users.edit"))),
    responses((status = 201, body = Created), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn invitation_create(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let scope = caller.require(Permission::UsersEdit)?;
    let now = app.clock.now();
    let email = validate_email(&body.email)?;
    let expires_at = Time(
        now.saturating_add(validate::days("expires_in_days", body.expires_in_days.unwrap_or(DAYS_DEFAULT), DAYS_MAX)?)
            .map_err(Problem::internal)?,
    );
    if body.grants.is_empty() || body.grants.len() > GRANTS_MAX {
        return Err(Problem::field("grants", format!("Between 1 and {GRANTS_MAX} roles.")));
    }
    let mut tx = app.db.begin_scoped(&scope).await?;
    let mut grants = Vec::new();
    for wish in &body.grants {
        let resolved = wish.resolve(&mut tx, &scope, GrantEffect::Allow).await?;
        giving::may_give(caller.access(), resolved.permissions, resolved.place)?;
        let (client_id, site_id) = resolved.place.ids();
        grants.push(Wish { client_id, site_id, ..*wish });
    }
    if db::is_member(&mut tx, &scope, &email).await? {
        let detail = "Somebody of this address is in the organisation already. Give them a role there.";
        return Err(Problem::conflict("already_member", detail));
    }
    if db::count_open(&mut tx, &scope, now).await? >= OPEN_MAX {
        let detail = format!("There are {OPEN_MAX} open invitations already. Revoke some first.");
        return Err(Problem::conflict("invitation_limit_reached", detail));
    }
    let (token, token_hash) = link_token("grmm_invite_");
    let (id, created_at) = (InvitationId::generate(), Time(now));
    let new = New { id, email: &email, token_hash, grants: &grants, created_at, expires_at };
    match db::insert(&mut tx, &scope, &new).await {
        Err(error) if violates(&error, "invitations_open") => {
            let detail = "There is an open invitation for this address. Revoke it first to make a new link.";
            return Err(Problem::conflict("invitation_open", detail));
        }
        result => result?,
    }
    let invitation = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?.at(now);
    let detail = json!({ "grants": invitation.grants, "expires_at": expires_at });
    let event = AuditEvent { action: "invitation.created", target: invitation.target(), detail };
    audit::record(&mut tx, &scope, now, event).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::UsersChanged {});
    let url = format!("{}/join#token={token}", app.config.public_origin());
    Ok((StatusCode::CREATED, Json(Created { invitation, url, token })))
}
