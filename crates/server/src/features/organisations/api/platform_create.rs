//! `POST /api/platform/organisations`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::{InvitationId, OrgId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::platform_list::operator;
use crate::app::AppState;
use crate::features::auth::{link_token, validate_email};
use crate::features::organisations::db::{self, New};
use crate::features::organisations::model::Limits;
use crate::platform::auth::Caller;
use crate::platform::http::origin::Origin;
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::time::Time;
use crate::platform::validate;

/// For so long the first owner's link works.
const INVITED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Deserialize, ToSchema)]
#[schema(as = PlatformOrganisationCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// 1 to 200 characters.
    name: String,
    /// The address of its first owner.
    owner_email: String,
    /// What it may have.
    #[serde(default)]
    limits: Limits,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PlatformOrganisationCreated)]
pub(crate) struct Created {
    /// Its id.
    id: OrgId,
    /// The link by which its first owner joins. It is shown this once.
    url: String,
}

/// Make an organisation, for operators of the platform
///
/// Answers a link for its first owner. The operator becomes no member of it.
#[utoipa::path(post, path = "/platform/organisations", operation_id = "platform_organisation_create", tag = "platform", request_body = Create,
    security(("bearer" = [])), extensions(("x-permission" = json!("operator"))),
    responses((status = 201, body = Created), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn platform_organisation_create(
    State(app): State<AppState>,
    caller: Caller,
    origin: Origin,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let operator = operator(&app, &caller).await?;
    let now = app.clock.now();
    let (name, email) = (validate::name("name", &body.name)?, validate_email(&body.owner_email)?);
    let limits = body.limits.check()?;
    let (token, token_hash) = link_token("grmm_invite_");
    let new = New {
        id: OrgId::generate(),
        name: &name,
        limits,
        invitation_id: InvitationId::generate(),
        email: &email,
        token_hash,
        created_at: Time(now),
        expires_at: Time(now.saturating_add(INVITED_FOR).map_err(Problem::internal)?),
    };
    let mut tx = app.db.begin_lookup().await?;
    db::create(&mut tx, operator, &new, &origin).await?;
    tx.commit().await?;
    let url = format!("{}/join#token={token}", app.config.public_origin());
    Ok((StatusCode::CREATED, Json(Created { id: new.id, url })))
}
