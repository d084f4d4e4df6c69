//! A role that somebody is to have, and where: as it is asked for, and what that comes to.

use gururmm_ids::{ClientId, RoleId, SiteId};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::features::{roles, sites};
use crate::platform::auth::role::BuiltInRole;
use crate::platform::auth::stored::GrantEffect;
use crate::platform::auth::{OrgScope, PermissionSet, Place};
use crate::platform::http::Problem;

/// A role at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RoleAtPlace)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// A built-in role; either this or `role_id`.
    pub built_in: Option<BuiltInRole>,
    /// A role of the organisation's own.
    pub role_id: Option<RoleId>,
    /// The client it holds for; absent: the whole organisation.
    pub client_id: Option<ClientId>,
    /// The site it holds for; absent: the whole client, or the organisation.
    pub site_id: Option<SiteId>,
}

/// What a wish comes to.
#[derive(Clone, Copy, Debug)]
pub struct Resolved {
    /// Where.
    pub place: Place,
    /// What the role names.
    pub permissions: PermissionSet,
}

impl Wish {
    /// Finds the role and the place, or says which of them there is not.
    pub async fn resolve(
        &self,
        tx: &mut PgConnection,
        scope: &OrgScope,
        effect: GrantEffect,
    ) -> Result<Resolved, Problem> {
        let place = sites::place_of(tx, scope, (self.client_id, self.site_id)).await?;
        Ok(Resolved { place, permissions: self.permissions(tx, scope, place, effect).await? })
    }

    /// What the role names, and whether it can be given there at all.
    async fn permissions(
        &self,
        tx: &mut PgConnection,
        scope: &OrgScope,
        place: Place,
        effect: GrantEffect,
    ) -> Result<PermissionSet, Problem> {
        match (self.built_in, self.role_id) {
            (Some(BuiltInRole::Owner), None) if place != Place::Organisation || effect == GrantEffect::Deny => {
                Err(Problem::field("built_in", "Owners own the whole organisation, and are not denied."))
            }
            (Some(role), None) => Ok(role.permissions()),
            (None, Some(id)) => Ok(roles::permissions_of(tx, scope, id).await?.ok_or_else(no_such_role)?),
            _ => Err(Problem::field("built_in", "Name one role: a built-in one, or one of the organisation's own.")),
        }
    }
}

pub(super) fn no_such_role() -> Problem {
    Problem::field("role_id", "There is no such role.")
}
