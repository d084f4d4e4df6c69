//! `POST /api/auth/accept`

use axum::Json;
use axum::extract::State;
use gururmm_ids::OrgId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::db::links::{Acceptor, accept};
use crate::features::auth::links;
use crate::features::auth::model::{User, record_joining};
use crate::platform::auth::Caller;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;
use crate::platform::secret::Secret;
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = InvitationAccept)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// What stands in the link.
    #[schema(value_type = String)]
    token: Secret<String>,
}

/// What one has become a member of.
#[derive(Serialize, ToSchema)]
pub(crate) struct Joined {
    /// The organisation, to switch to.
    organisation_id: OrgId,
    /// Its name.
    organisation_name: String,
}

/// Accept an invitation with the account one has
///
/// It must be for the address of that account.
#[utoipa::path(post, path = "/auth/accept", operation_id = "auth_accept", tag = "auth", request_body = Request, security(("bearer" = [])),
    extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = Joined), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_accept(
    State(app): State<AppState>,
    caller: Caller,
    origin: Origin,
    Body(body): Body<Request>,
) -> Result<Json<Joined>, Problem> {
    let claimed = caller.person()?;
    app.limits.link_by_network.check(origin.network())?;
    let now = Time(app.clock.now());
    let token_hash = links::token_hash(body.token.reveal());
    let invitation = {
        let mut lookup = app.db.begin_lookup().await?;
        links::open_invitation(&mut lookup, &token_hash, now).await?
    };
    if !invitation.email.eq_ignore_ascii_case(&caller.identity.email) {
        let detail = format!("This invitation is for {}. Log in with that account.", invitation.email);
        return Err(Problem::conflict("invitation_not_yours", detail));
    }
    let mut tx = app.db.begin_for(invitation.org_id).await?;
    links::open_invitation(&mut tx, &token_hash, now).await?;
    match accept(&mut tx, &token_hash, Acceptor::Known(claimed), now).await {
        Ok(true) => {}
        // used or revoked in this moment
        Ok(false) => return Err(links::not_found()),
        Err(error) if violates(&error, "user_limit") => return Err(links::full()),
        Err(error) if links::is_void(&error) => return Err(links::void()),
        Err(error) => return Err(error.into()),
    }
    let user = User::of(&caller.identity);
    record_joining(&mut tx, invitation.org_id, &user, &invitation.grants, &origin, now).await?;
    tx.commit().await?;
    app.live.publish(invitation.org_id, LiveKind::UsersChanged {});
    Ok(Json(Joined { organisation_id: invitation.org_id, organisation_name: invitation.org_name }))
}
