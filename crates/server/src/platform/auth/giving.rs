//! Who may give what, and touch whom: nobody gives what they do not hold, nobody touches who holds more than they.

use super::access::{Access, Effect, Place};
use super::permission::{Permission, PermissionSet};
use super::stored::{StoredGrant, access_of};
use crate::platform::http::Problem;

/// Whether `giver` may give these permissions at this place: each must be theirs there, and denied to them nowhere within.
pub fn may_give(giver: &Access, permissions: PermissionSet, place: Place) -> Result<(), Problem> {
    match permissions.closed().iter().find(|permission| !giver.covers(*permission, place)) {
        None => Ok(()),
        Some(missing) => Err(Problem::forbidden(
            "not_yours_to_give",
            format!("This includes the permission {}, which you do not hold there yourself.", missing.as_str()),
        )),
    }
}

/// Whether somebody holds this permission at a place, besides the one that they were asked for.
pub fn must_hold(access: &Access, permission: Permission, place: Place) -> Result<(), Problem> {
    if access.decide(permission, place).is_allowed {
        return Ok(());
    }
    let detail = format!("This needs the permission {} too, which you do not have here.", permission.as_str());
    Err(Problem::forbidden("forbidden", detail))
}

/// Whether somebody may take a machine from one place to another: nothing may be theirs there that is not theirs here, or a move would
/// be a way around a deny.
pub fn may_move(mover: &Access, from: Place, to: Place) -> Result<(), Problem> {
    let is_won = |permission: &&Permission| {
        mover.decide(**permission, to).is_allowed && !mover.decide(**permission, from).is_allowed
    };
    match Permission::ALL.iter().find(is_won) {
        None => Ok(()),
        Some(won) => Err(Problem::forbidden(
            "not_yours_to_give",
            format!("You hold the permission {} there and not here, so you cannot move the machine.", won.as_str()),
        )),
    }
}

/// Whether `giver` may touch somebody with these grants: everything they were given must be the giver's too.
pub fn may_touch(giver: &Access, grants: &[StoredGrant]) -> Result<(), Problem> {
    let is_below = access_of(grants)
        .iter()
        .filter(|grant| grant.effect == Effect::Allow)
        .all(|grant| may_give(giver, grant.permissions, grant.place).is_ok());
    if is_below {
        Ok(())
    } else {
        Err(Problem::forbidden("above_you", "This person may do more than you, so you cannot change what they may."))
    }
}

#[cfg(test)]
mod tests {
    use gururmm_ids::{ClientId, GrantId, SiteId};

    use super::*;
    use crate::platform::auth::role::BuiltInRole;
    use crate::platform::auth::stored::GrantEffect;

    fn grant(role: BuiltInRole, effect: GrantEffect, place: Place) -> StoredGrant {
        let (client_id, site_id) = match place {
            Place::Organisation => (None, None),
            Place::Client(client) => (Some(client), None),
            Place::Site(client, site) => (Some(client), Some(site)),
        };
        let (built_in, role_id, role_name, permissions) = (Some(role), None, None, None);
        StoredGrant { id: GrantId::generate(), effect, built_in, role_id, role_name, permissions, client_id, site_id }
    }

    fn access(grants: &[StoredGrant]) -> Access {
        Access { grants: access_of(grants), limits: None }
    }

    #[test]
    fn nobody_gives_more_than_they_hold_or_elsewhere() {
        let (client, other) = (ClientId::generate(), ClientId::generate());
        let site = Place::Site(client, SiteId::generate());
        let of_client = access(&[grant(BuiltInRole::Technician, GrantEffect::Allow, Place::Client(client))]);
        let technician = BuiltInRole::Technician.permissions();
        assert!(may_give(&of_client, technician, Place::Client(client)).is_ok());
        assert!(may_give(&of_client, technician, site).is_ok());
        for (permissions, place) in [
            (technician, Place::Organisation),
            (technician, Place::Client(other)),
            (BuiltInRole::Administrator.permissions(), Place::Client(client)),
        ] {
            assert_eq!(may_give(&of_client, permissions, place).unwrap_err().code, "not_yours_to_give");
        }
        let most = access(&[
            grant(BuiltInRole::Administrator, GrantEffect::Allow, Place::Organisation),
            grant(BuiltInRole::Technician, GrantEffect::Deny, site),
        ]);
        assert!(may_give(&most, technician, Place::Client(other)).is_ok());
        assert!(may_give(&most, technician, Place::Client(client)).is_err(), "a part of it is denied to the giver");
    }

    #[test]
    fn an_administrator_touches_no_owner() {
        let owner = [grant(BuiltInRole::Owner, GrantEffect::Allow, Place::Organisation)];
        let administrator = [grant(BuiltInRole::Administrator, GrantEffect::Allow, Place::Organisation)];
        assert_eq!(may_touch(&access(&administrator), &owner).unwrap_err().code, "above_you");
        assert!(
            may_touch(&access(&owner), &administrator).is_ok()
                && may_touch(&access(&administrator), &administrator).is_ok()
        );
        let denied = [administrator[0].clone(), grant(BuiltInRole::Owner, GrantEffect::Deny, Place::Organisation)];
        assert!(
            may_touch(&access(&administrator), &denied).is_ok(),
            "what is denied to somebody lifts them above nobody"
        );
    }
}
