//! `GET /api/auth/me`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{OrgId, SessionId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::auth::model::User;
use crate::platform::auth::stored::StoredGrant;
use crate::platform::auth::{Caller, Permission};
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
    /// What they were given, and where: what they may do at a place follows from these.
    grants: Vec<StoredGrant>,
    /// This login.
    session: CurrentSession,
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

/// Who am I
#[utoipa::path(get, path = "/auth/me", operation_id = "auth_me", tag = "auth", security(("bearer" = [])), extensions(("x-permission" = json!("own"))),
    responses((status = 200, body = Me), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn auth_me(State(app): State<AppState>, caller: Caller) -> Json<Me> {
    let session = caller.session.as_ref();
    Json(Me {
        user: User {
            id: session.user_id,
            name: session.user_name.clone(),
            email: session.email.clone(),
            created_at: session.user_created_at,
        },
        organisation: Organisation { id: session.org_id, name: session.org_name.clone() },
        permissions: caller.access().anywhere().iter().collect(),
        grants: session.grants.iter().map(StoredGrant::told).collect(),
        session: CurrentSession { id: session.id, created_at: session.created_at, expires_at: session.expires_at },
        public_url: app.config.public_origin(),
    })
}
