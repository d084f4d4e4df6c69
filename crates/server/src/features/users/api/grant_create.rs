//! `POST /api/users/{id}/grants`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::{ClientId, GrantId, RoleId, SiteId, UserId};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::users::db::{self, NewGrant};
use crate::features::users::model::{self, GrantInfo};
use crate::features::{roles, sites};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::role::BuiltInRole;
use crate::platform::auth::stored::GrantEffect;
use crate::platform::auth::{Caller, OrgScope, Permission, PermissionSet, Place, giving};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::time::Time;

#[derive(Deserialize, ToSchema)]
#[schema(as = GrantCreate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    /// `allow` gives the role, `deny` takes what it names away, whatever else gives it.
    effect: GrantEffect,
    /// A built-in role; either this or `role_id`.
    built_in: Option<BuiltInRole>,
    /// A role of the organisation's own.
    role_id: Option<RoleId>,
    /// The client it holds for; absent: the whole organisation.
    client_id: Option<ClientId>,
    /// The site it holds for; absent: the whole client, or the organisation.
    site_id: Option<SiteId>,
}

/// Give a role, or deny one
///
/// Nobody gives what they do not hold themselves, there. Owners own the whole organisation, and nothing is denied to them.
#[utoipa::path(post, path = "/users/{id}/grants", operation_id = "grant_create", tag = "users", params(("id" = UserId, Path)),
    request_body = Create, security(("bearer" = [])), extensions(("x-permission" = json!("users.edit"))),
    responses((status = 201, body = GrantInfo), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn grant_create(
    State(app): State<AppState>,
    caller: Caller,
    Path(user_id): Path<UserId>,
    Body(body): Body<Create>,
) -> Result<(StatusCode, Json<GrantInfo>), Problem> {
    let scope = caller.require(Permission::UsersEdit)?;
    let now = Time(app.clock.now());
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, user_id).await?;
    let member = db::find(&mut tx, &scope, user_id).await?.ok_or_else(model::not_found)?;
    let place = place(&mut tx, &scope, &body).await?;
    let permissions = permissions(&mut tx, &scope, &body, place).await?;
    match body.effect {
        GrantEffect::Allow => giving::may_give(caller.access(), permissions, place)?,
        GrantEffect::Deny => giving::may_touch(caller.access(), &member.stored_grants())?,
    }
    let (built_in, role_id) = (body.built_in, body.role_id);
    let new = NewGrant { id: GrantId::generate(), user_id, effect: body.effect, built_in, role_id, place };
    match db::insert_grant(&mut tx, &scope, &new, now).await {
        Err(error) if violates(&error, "grants_once") => {
            return Err(Problem::conflict("grant_exists", "This person has this role there already."));
        }
        Err(error) if violates(&error, "grants_client_fkey") => return Err(no_such_client()),
        Err(error) if violates(&error, "grants_site_fkey") => return Err(no_such_site()),
        result => result?,
    }
    let grant = db::grants(&mut tx, &scope, &[], Some(new.id)).await?.pop().ok_or_else(model::grant_not_found)?;
    let detail = json!({ "grant": grant.words() });
    audit::record(&mut tx, &scope, now.0, AuditEvent { action: "grant.created", target: member.target(), detail })
        .await?;
    model::committed(tx.commit().await)?;
    app.access_changed(scope.org_id, user_id);
    Ok((StatusCode::CREATED, Json(grant)))
}

async fn place(tx: &mut PgConnection, scope: &OrgScope, body: &Create) -> Result<Place, Problem> {
    let Some(site_id) = body.site_id else { return Ok(Place::of(body.client_id, None)) };
    let client_id = sites::client_of(tx, scope, site_id).await?.ok_or_else(no_such_site)?;
    if body.client_id.is_some_and(|asked| asked != client_id) {
        return Err(no_such_site());
    }
    Ok(Place::Site(client_id, site_id))
}

/// What the role names, and whether it can be given there at all.
async fn permissions(
    tx: &mut PgConnection,
    scope: &OrgScope,
    body: &Create,
    place: Place,
) -> Result<PermissionSet, Problem> {
    match (body.built_in, body.role_id) {
        (Some(BuiltInRole::Owner), None) if place != Place::Organisation || body.effect == GrantEffect::Deny => {
            Err(Problem::field("built_in", "Owners own the whole organisation, and are not denied."))
        }
        (Some(role), None) => Ok(role.permissions()),
        (None, Some(id)) => Ok(roles::permissions_of(tx, scope, id)
            .await?
            .ok_or_else(|| Problem::field("role_id", "There is no such role."))?),
        _ => Err(Problem::field("built_in", "Name one role: a built-in one, or one of the organisation's own.")),
    }
}

fn no_such_site() -> Problem {
    Problem::field("site_id", "There is no such site.")
}

fn no_such_client() -> Problem {
    Problem::field("client_id", "There is no such client.")
}
