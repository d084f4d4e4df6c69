//! `POST /api/auth/invitation`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::links;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = InvitationToken)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// What stands in the link.
    token: String,
}

/// What a link leads to.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitationPreview {
    /// The organisation that one becomes a member of.
    organisation_name: String,
    /// Whom it is for.
    email: String,
    /// Who made it; null for the console.
    invited_by_name: Option<String>,
    /// The roles that it gives.
    roles: Vec<String>,
    /// When it ends by itself.
    expires_at: Time,
    /// Whether to log in and accept, instead of making an account.
    has_account: bool,
}

/// Look at an invitation
///
/// For who has its link. A POST, so that the token stands in no log.
#[utoipa::path(post, path = "/auth/invitation", operation_id = "invitation_peek", tag = "auth", request_body = Request,
    extensions(("x-permission" = json!("public"))),
    responses((status = 200, body = InvitationPreview), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn invitation_peek(
    State(app): State<AppState>,
    origin: Origin,
    Body(body): Body<Request>,
) -> Result<Json<InvitationPreview>, Problem> {
    app.limits.link_by_network.check(origin.network())?;
    let mut tx = app.db.begin_lookup().await?;
    let invitation =
        links::open_invitation(&mut tx, &links::token_hash(&body.token), Time(app.clock.now())).await?;
    Ok(Json(InvitationPreview {
        roles: invitation.grants.iter().filter_map(|grant| grant.told().role_name).collect(),
        organisation_name: invitation.org_name,
        email: invitation.email,
        invited_by_name: invitation.invited_by_name,
        expires_at: invitation.expires_at,
        has_account: invitation.has_account,
    }))
}
