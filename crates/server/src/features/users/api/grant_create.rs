//! `POST /api/users/{id}/grants`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::{ClientId, GrantId, RoleId, SiteId, UserId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::sites;
use crate::features::users::db::{self, NewGrant};
use crate::features::users::model::{self, GrantInfo};
use crate::features::users::wish::{self, Resolved, Wish};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::role::BuiltInRole;
use crate::platform::auth::stored::GrantEffect;
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::time::Time;

/// Most grants of a person: all of them are read with each of their requests.
const GRANTS_MAX: i64 = 200;

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

impl Create {
    const fn wish(&self) -> Wish {
        Wish { built_in: self.built_in, role_id: self.role_id, client_id: self.client_id, site_id: self.site_id }
    }
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
    let Resolved { place, permissions } = body.wish().resolve(&mut tx, &scope, body.effect).await?;
    match body.effect {
        GrantEffect::Allow => giving::may_give(caller.access(), permissions, place)?,
        GrantEffect::Deny => giving::may_touch(caller.access(), &member.stored_grants())?,
    }
    if db::count_grants(&mut tx, &scope, user_id).await? >= GRANTS_MAX {
        let detail = format!(
            "A person has at most {GRANTS_MAX} grants. Take one away, or give a role on the client instead of each site."
        );
        return Err(Problem::conflict("grant_limit_reached", detail));
    }
    let (built_in, role_id) = (body.built_in, body.role_id);
    let new = NewGrant { id: GrantId::generate(), user_id, effect: body.effect, built_in, role_id, place };
    match db::insert_grant(&mut tx, &scope, &new, now).await {
        Err(error) if violates(&error, "grants_once") => {
            return Err(Problem::conflict("grant_exists", "This person has this role there already."));
        }
        // deleted in this moment
        Err(error) if violates(&error, "grants_client_fkey") => return Err(sites::no_such_client()),
        Err(error) if violates(&error, "grants_site_fkey") => return Err(sites::no_such_site()),
        Err(error) if violates(&error, "grants_role_fkey") => return Err(wish::no_such_role()),
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
