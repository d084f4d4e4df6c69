//! `GET /api/auth/me`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ApiKeyId, OrgId, SessionId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::OrganisationOption;
use crate::features::auth::db::own;
use crate::features::auth::model::User;
use crate::features::organisations;
use crate::platform::auth::stored::StoredGrant;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;
use crate::platform::time::Time;

/// The caller.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// Who.
    user: User,
    /// Whose machines they see.
    organisation: Organisation,
    /// What they may do somewhere.
    #[schema(value_type = Vec<String>)]
    permissions: Vec<Permission>,
    /// What they were given, and where: what they may do at a place follows from these. None for an API key.
    grants: Vec<StoredGrant>,
    /// This login; null for an API key.
    session: Option<CurrentSession>,
    /// The API key that asks; null for a login.
    api_key: Option<CurrentKey>,
    /// Whether they are an operator of the platform.
    is_operator: bool,
    /// All organisations that they are a member of, to switch between; none for an API key.
    organisations: Vec<OrganisationOption>,
    /// The configured address that people and agents use, without a trailing slash: what an install line has to name.
    public_url: String,
}

/// An organisation in brief.
#[derive(Serialize, ToSchema)]
pub(crate) struct Organisation {
    /// Its id.
    id: OrgId,
    /// Its name.
    name: String,
}

/// The login that makes this request.
#[derive(Serialize, ToSchema)]
pub(crate) struct CurrentSession {
    /// Its id.
    id: SessionId,
    /// When it began.
    created_at: Time,
    /// When it ends.
    expires_at: Time,
}

/// The API key that makes this request.
#[derive(Serialize, ToSchema)]
pub(crate) struct CurrentKey {
    /// Its id.
    id: ApiKeyId,
    /// Its name.
    name: String,
    /// When it ends.
    expires_at: Time,
}

/// Who am I
#[utoipa::path(get, path = "/auth/me", operation_id = "auth_me", tag = "auth", security(("bearer" = [])), extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = Me), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_me(State(app): State<AppState>, caller: Caller) -> Result<Json<Me>, Problem> {
    let identity = caller.identity.as_ref();
    let (created_at, expires_at) = (identity.created_at, identity.expires_at);
    let claimed = caller.person().ok();
    let (mut organisations, mut is_operator) = (Vec::new(), false);
    if let Some(claimed) = claimed {
        let (mut tx, now) = (app.db.begin_lookup().await?, Time(app.clock.now()));
        organisations = own::organisations(&mut tx, claimed, now).await?;
        is_operator = organisations::is_operator(&mut tx, claimed, now).await?;
    }
    Ok(Json(Me {
        user: User::of(identity),
        organisation: Organisation { id: identity.org_id, name: identity.org_name.clone() },
        permissions: caller.access().anywhere().iter().collect(),
        // a key's list says what it may do; what else its maker holds is not its business
        grants: claimed.iter().flat_map(|_| &identity.grants).map(StoredGrant::told).collect(),
        session: claimed.map(|claimed| CurrentSession { id: claimed.session_id, created_at, expires_at }),
        api_key: identity.key.as_ref().map(|key| CurrentKey { id: key.id, name: key.name.clone(), expires_at }),
        is_operator,
        organisations,
        public_url: app.config.public_origin(),
    }))
}
