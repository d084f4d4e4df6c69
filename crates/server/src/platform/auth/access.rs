//! Access: what somebody may do, and where. One rule, [`Access::decide`]; everything else is derived from it.
//!
//! A grant allows or denies the permissions of a role at a place: the organisation, a client or a site. Something is allowed at a place
//! when a grant that covers it allows it and none that covers it denies it, or anything that it implies: a deny wins whatever allows. An
//! API key holds its maker's grants, and of them no more than its own list and places.

use gururmm_ids::{ApiKeyId, ClientId, GrantId, SiteId};

use super::permission::{Permission, PermissionSet};
use super::reach::Reach;

/// Where something is, or is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The whole organisation.
    Organisation,
    /// A client with all its sites.
    Client(ClientId),
    /// A site of a client.
    Site(ClientId, SiteId),
}

impl Place {
    /// The place that a client and a site name, if they do.
    pub const fn of(client: Option<ClientId>, site: Option<SiteId>) -> Self {
        match (client, site) {
            (Some(client), Some(site)) => Self::Site(client, site),
            (Some(client), None) => Self::Client(client),
            (None, _) => Self::Organisation,
        }
    }

    /// The client and the site that it names.
    pub const fn ids(self) -> (Option<ClientId>, Option<SiteId>) {
        match self {
            Self::Organisation => (None, None),
            Self::Client(client) => (Some(client), None),
            Self::Site(client, site) => (Some(client), Some(site)),
        }
    }

    /// Whether the other lies within it, or is it.
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Organisation, _) => true,
            (Self::Client(client), Self::Client(other) | Self::Site(other, _)) => client == other,
            (Self::Site(_, site), Self::Site(_, other)) => site == other,
            _ => false,
        }
    }
}

/// Whether a grant gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It gives.
    Allow,
    /// It takes, whatever else gives.
    Deny,
}

/// A role for somebody, at a place.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Whether it gives or takes.
    pub effect: Effect,
    /// What its role names.
    pub permissions: PermissionSet,
    /// Where.
    pub place: Place,
}

impl Grant {
    fn allows(&self, permission: Permission) -> bool {
        self.effect == Effect::Allow && self.permissions.closed().has(permission)
    }

    fn denies(&self, permission: Permission) -> bool {
        let needs = PermissionSet::of(&[permission]).closed();
        self.effect == Effect::Deny && !self.permissions.and(needs).is_empty()
    }
}

/// What an API key may use of its maker's grants.
#[derive(Clone, Debug)]
pub struct KeyLimits {
    /// The key.
    pub key_id: ApiKeyId,
    /// What it may do, with what that implies.
    pub permissions: PermissionSet,
    /// Where; none: wherever its maker may.
    pub places: Option<Vec<Place>>,
}

/// What somebody may do.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Their grants.
    pub grants: Vec<Grant>,
    /// The bounds of an API key.
    pub limits: Option<KeyLimits>,
}

/// An answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub is_allowed: bool,
    /// The grants that allow it, or those that deny it; none when nothing allows it.
    pub because: Vec<GrantId>,
    /// Whether an API key's own bounds refuse what its maker may do.
    pub is_beyond_key: bool,
}

impl Access {
    /// Whether `permission` is allowed at a place: the rule.
    pub fn decide(&self, permission: Permission, at: Place) -> Decision {
        let at_place = || self.grants.iter().filter(|grant| grant.place.covers(at));
        let denied: Vec<_> = at_place().filter(|grant| grant.denies(permission)).map(|grant| grant.id).collect();
        if !denied.is_empty() {
            return Decision { is_allowed: false, because: denied, is_beyond_key: false };
        }
        let allowed: Vec<_> = at_place().filter(|grant| grant.allows(permission)).map(|grant| grant.id).collect();
        let is_beyond_key = self.limits.as_ref().is_some_and(|limits| !limits.allow(permission, at));
        Decision { is_allowed: !allowed.is_empty() && !is_beyond_key, because: allowed, is_beyond_key }
    }

    /// Where `permission` is allowed: the rule as sets of places.
    pub fn reach(&self, permission: Permission) -> Reach {
        let places = |is_it: &dyn Fn(&Grant) -> bool| -> Vec<Place> {
            self.grants.iter().filter(|grant| is_it(grant)).map(|grant| grant.place).collect()
        };
        let allowed =
            Reach::new(&places(&|grant| grant.allows(permission)), &places(&|grant| grant.denies(permission)));
        match &self.limits {
            None => allowed,
            Some(limits) if !limits.permissions.closed().has(permission) => Reach::default(),
            Some(limits) => match &limits.places {
                None => allowed,
                Some(places) => allowed.within(places),
            },
        }
    }

    /// Whether `permission` is allowed at a place and denied nowhere within it: what is needed to pass it on.
    pub fn covers(&self, permission: Permission, at: Place) -> bool {
        let is_denied_within = self.grants.iter().any(|grant| grant.denies(permission) && at.covers(grant.place));
        self.decide(permission, at).is_allowed && !is_denied_within
    }

    /// What is allowed somewhere.
    pub fn anywhere(&self) -> PermissionSet {
        Permission::ALL.iter().copied().filter(|permission| !self.reach(*permission).is_empty()).collect()
    }
}

impl KeyLimits {
    fn allow(&self, permission: Permission, at: Place) -> bool {
        let is_there = self.places.as_ref().is_none_or(|places| places.iter().any(|place| place.covers(at)));
        self.permissions.closed().has(permission) && is_there
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use sha2::{Digest as _, Sha256};
    use uuid::Uuid;

    use super::*;

    /// Cases that the dashboard's own decision is tested with too.
    const CASES: &str = include_str!("../../../tests/fixtures/access.json");

    fn place(case: &Value) -> Place {
        let id = |name: &Value| {
            let hash = Sha256::digest(name.as_str()?);
            Some(Uuid::from_slice(&hash[..16]).unwrap())
        };
        Place::of(id(&case["client"]).map(ClientId::from_uuid), id(&case["site"]).map(SiteId::from_uuid))
    }

    fn grant(case: &Value) -> Grant {
        let effect = if case["effect"] == "deny" { Effect::Deny } else { Effect::Allow };
        let names = case["permissions"].as_array().unwrap().iter();
        let permissions = names.map(|name| Permission::named(name.as_str().unwrap()).unwrap()).collect();
        Grant { id: GrantId::generate(), effect, permissions, place: place(case) }
    }

    #[test]
    fn what_is_allowed_where() {
        let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
        for case in cases {
            let grants = case["grants"].as_array().unwrap().iter().map(grant).collect();
            let access = Access { grants, limits: None };
            for asked in case["ask"].as_array().unwrap() {
                let permission = Permission::named(asked["permission"].as_str().unwrap()).unwrap();
                let decision = access.decide(permission, place(asked));
                assert_eq!(decision.is_allowed, asked["allowed"].as_bool().unwrap(), "{}: {asked}", case["name"]);
                assert_eq!(access.reach(permission).contains(place(asked)), decision.is_allowed, "{asked}");
            }
        }
    }
}
