//! `GET /api/users/{id}/access`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{ClientId, GrantId, SiteId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::features::sites;
use crate::features::users::db;
use crate::features::users::model::{self, GrantInfo};
use crate::platform::auth::stored::access_of;
use crate::platform::auth::{Access, Caller, Level, Permission, Place};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem, Query};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessQuery {
    /// The client to ask about; the whole organisation unless told.
    client_id: Option<ClientId>,
    /// The site to ask about.
    site_id: Option<SiteId>,
}

/// What a person may do at a place, and why.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserAccess {
    /// Everything they were given and everything that is denied to them, wherever that is.
    grants: Vec<GrantInfo>,
    /// For every permission, whether it is allowed at the place.
    decisions: Vec<PermissionDecision>,
}

/// Whether one permission is allowed, and why.
#[derive(Serialize, ToSchema)]
pub(crate) struct PermissionDecision {
    /// Which.
    #[schema(value_type = String)]
    permission: Permission,
    /// What it says, in a few words.
    title: &'static str,
    /// What it is asked of.
    level: Level,
    /// Whether it is allowed.
    is_allowed: bool,
    /// The grants that allow it, or those that deny it; none when nothing allows it.
    because: Vec<GrantId>,
}

/// What a person may do, and why
///
/// At one place: the whole organisation, a client or a site. A deny wins whatever allows; the grants that decided are named. Everybody may
/// ask about themselves.
#[utoipa::path(get, path = "/users/{id}/access", operation_id = "user_access", tag = "users", params(("id" = UserId, Path), AccessQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("users.view"))),
    responses((status = 200, body = UserAccess), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn user_access(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<UserId>,
    Query(query): Query<AccessQuery>,
) -> Result<Json<UserAccess>, Problem> {
    let scope = if id == caller.identity.user_id {
        caller.person()?;
        caller.scope_to_look_around()
    } else {
        caller.require(Permission::UsersView)?
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let place = match (query.client_id, query.site_id) {
        (client, Some(site)) => {
            let of = sites::client_of(&mut tx, &scope, site).await?.filter(|of| client.is_none_or(|it| it == *of));
            Place::Site(of.ok_or_else(|| Problem::invalid_request("There is no such site."))?, site)
        }
        (client, None) => Place::of(client, None),
    };
    let member = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let access = Access { grants: access_of(&member.stored_grants()), limits: None };
    Ok(Json(UserAccess { decisions: decisions(&access, place), grants: member.grants }))
}

fn decisions(access: &Access, place: Place) -> Vec<PermissionDecision> {
    let decide = |permission: &Permission| {
        // what is asked of the organisation only is decided there, wherever somebody looks
        let at = if permission.level() == Level::Organisation { Place::Organisation } else { place };
        let decision = access.decide(*permission, at);
        PermissionDecision {
            permission: *permission,
            title: permission.title(),
            level: permission.level(),
            is_allowed: decision.is_allowed,
            because: decision.because,
        }
    };
    Permission::ALL.iter().map(decide).collect()
}
