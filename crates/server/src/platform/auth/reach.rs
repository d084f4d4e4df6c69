//! Reach: where something is allowed, as sets of places; what a scoped transaction tells row-level security.

use gururmm_ids::{ClientId, SiteId};
use serde_json::{Map, Value};

use super::access::Place;

/// Where something is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// In the whole organisation, but for what is denied.
    is_all: bool,
    clients: Vec<ClientId>,
    sites: Vec<(ClientId, SiteId)>,
    not_clients: Vec<ClientId>,
    not_sites: Vec<(ClientId, SiteId)>,
}

impl Reach {
    /// Everywhere.
    pub fn all() -> Self {
        Self { is_all: true, ..Self::default() }
    }

    /// Everything that is allowed, without what is denied.
    pub(super) fn new(allowed: &[Place], denied: &[Place]) -> Self {
        let denied = Self::collect(denied);
        if denied.is_all {
            return Self::default();
        }
        Self { not_clients: denied.clients, not_sites: denied.sites, ..Self::collect(allowed) }.tidied()
    }

    fn collect(places: &[Place]) -> Self {
        let mut reach = Self::default();
        for place in places {
            match *place {
                Place::Organisation => reach.is_all = true,
                Place::Client(client) => reach.clients.push(client),
                Place::Site(client, site) => reach.sites.push((client, site)),
            }
        }
        reach
    }

    /// Only what lies within these places too.
    #[must_use]
    pub(super) fn within(self, places: &[Place]) -> Self {
        let bounds = Self::collect(places);
        if bounds.is_all {
            return self;
        }
        let in_reach = |place: Place| self.contains(place);
        let in_bounds = |place: Place| bounds.contains(place);
        let mut clients: Vec<_> = bounds.clients.iter().copied().filter(|id| in_reach(Place::Client(*id))).collect();
        clients.extend(self.clients.iter().copied().filter(|id| in_bounds(Place::Client(*id))));
        let mut sites: Vec<_> =
            bounds.sites.iter().copied().filter(|(client, site)| in_reach(Place::Site(*client, *site))).collect();
        sites.extend(self.sites.iter().copied().filter(|(client, site)| in_bounds(Place::Site(*client, *site))));
        Self { is_all: false, clients, sites, not_clients: self.not_clients.clone(), not_sites: self.not_sites.clone() }
            .tidied()
    }

    /// Without what is named twice, or is denied anyway.
    fn tidied(mut self) -> Self {
        let not_clients = self.not_clients.clone();
        let is_denied = |client: &ClientId| not_clients.contains(client);
        self.clients.retain(|client| !is_denied(client));
        let (clients, not_sites) = (self.clients.clone(), self.not_sites.clone());
        self.sites.retain(|place| !is_denied(&place.0) && !clients.contains(&place.0) && !not_sites.contains(place));
        if self.is_all {
            self.clients.clear();
            self.sites.clear();
        }
        for ids in [&mut self.clients, &mut self.not_clients] {
            ids.sort_unstable();
            ids.dedup();
        }
        for ids in [&mut self.sites, &mut self.not_sites] {
            ids.sort_unstable();
            ids.dedup();
        }
        self
    }

    /// Whether it is allowed nowhere.
    pub fn is_empty(&self) -> bool {
        !self.is_all && self.clients.is_empty() && self.sites.is_empty()
    }

    /// Whether it is allowed everywhere.
    pub fn is_everything(&self) -> bool {
        self.is_all && self.not_clients.is_empty() && self.not_sites.is_empty()
    }

    /// Whether it is allowed at this place.
    pub fn contains(&self, place: Place) -> bool {
        match place {
            Place::Organisation => self.is_all,
            Place::Client(client) => {
                (self.is_all || self.clients.contains(&client)) && !self.not_clients.contains(&client)
            }
            Place::Site(client, site) => {
                (self.is_all || self.clients.contains(&client) || self.sites.contains(&(client, site)))
                    && !self.not_clients.contains(&client)
                    && !self.not_sites.contains(&(client, site))
            }
        }
    }

    /// Whether it is allowed at this place and everywhere in it.
    pub fn contains_whole(&self, place: Place) -> bool {
        self.contains(place)
            && match place {
                Place::Organisation => self.not_clients.is_empty() && self.not_sites.is_empty(),
                Place::Client(client) => self.not_sites.iter().all(|(of, _)| *of != client),
                Place::Site(..) => true,
            }
    }

    /// Adds what row-level security asks for under `what` (`see` or `act`): a mode, and where it matters lists of ids.
    pub(in crate::platform) fn settings(&self, what: &str, settings: &mut Map<String, Value>) {
        let mode = match (self.is_everything(), self.is_all, self.is_empty()) {
            (true, ..) => "all",
            (_, true, _) => "most",
            (.., false) => "some",
            _ => "",
        };
        settings.insert(what.to_owned(), mode.into());
        let sites = |places: &[(ClientId, SiteId)]| list(places.iter().map(|(_, site)| site));
        for (name, ids) in [
            ("clients", list(&self.clients)),
            ("sites", sites(&self.sites)),
            ("not_clients", list(&self.not_clients)),
            ("not_sites", sites(&self.not_sites)),
            ("parents", list(self.sites.iter().map(|(client, _)| client))),
        ] {
            if mode != "all" && ids != "{}" {
                settings.insert(format!("{what}_{name}"), ids.into());
            }
        }
    }
}

/// Ids as an array of PostgreSQL.
fn list<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    let ids: Vec<_> = ids.into_iter().map(|id| id.to_string()).collect();
    format!("{{{}}}", ids.join(","))
}

#[cfg(test)]
mod tests {
    use gururmm_ids::{ApiKeyId, GrantId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::access::{Access, Effect, Grant, KeyLimits};
    use super::super::permission::{Permission, PermissionSet};
    use super::*;

    /// Three clients with two sites each.
    fn place(number: u8) -> Place {
        let id = |kind: u128, number: u8| Uuid::from_u128(kind << 64 | u128::from(number));
        let client = ClientId::from_uuid(id(1, number % 3));
        match number / 3 {
            0 => Place::Client(client),
            1 | 2 => Place::Site(client, SiteId::from_uuid(id(2, number))),
            _ => Place::Organisation,
        }
    }

    prop_compose! {
        fn permissions()(bits in proptest::collection::vec(0..Permission::ALL.len(), 1..4)) -> PermissionSet {
            bits.into_iter().map(|at| Permission::ALL[at]).collect()
        }
    }

    prop_compose! {
        fn grant()(is_deny in prop::bool::weighted(0.3), permissions in permissions(), at in 0u8..10) -> Grant {
            let effect = if is_deny { Effect::Deny } else { Effect::Allow };
            Grant { id: GrantId::generate(), effect, permissions, place: place(at) }
        }
    }

    prop_compose! {
        fn limits()(
            permissions in permissions(), places in proptest::option::of(proptest::collection::vec(0u8..10, 0..3)),
        ) -> KeyLimits {
            let places = places.map(|places| places.into_iter().map(place).collect());
            KeyLimits { key_id: ApiKeyId::generate(), permissions, places }
        }
    }

    proptest! {
        #[test]
        fn reach_and_decide_say_the_same(
            grants in proptest::collection::vec(grant(), 0..6), limits in proptest::option::of(limits()),
        ) {
            let access = Access { grants, limits };
            for permission in Permission::ALL {
                let reach = access.reach(*permission);
                // a key that is bound to places acts in none of the organisation's own affairs unless it names the organisation
                for at in (0..10).map(place) {
                    prop_assert_eq!(access.decide(*permission, at).is_allowed, reach.contains(at), "{:?} at {:?}", permission, at);
                }
                let anywhere = (0..10).map(place).any(|at| reach.contains(at));
                prop_assert!(reach.is_empty() || anywhere);
            }
        }

        #[test]
        fn a_key_never_exceeds_its_maker(grants in proptest::collection::vec(grant(), 0..6), limits in limits()) {
            let maker = Access { grants: grants.clone(), limits: None };
            let key = Access { grants, limits: Some(limits) };
            for permission in Permission::ALL {
                for at in (0..10).map(place) {
                    let is_allowed = key.decide(*permission, at).is_allowed;
                    prop_assert!(!is_allowed || maker.decide(*permission, at).is_allowed);
                }
            }
        }

        #[test]
        fn what_is_implied_falls_with_what_is_denied(mut grants in proptest::collection::vec(grant(), 0..6), denied in permissions()) {
            grants.push(Grant { id: GrantId::generate(), effect: Effect::Deny, permissions: denied, place: place(0) });
            let access = Access { grants, limits: None };
            for permission in Permission::ALL {
                if !PermissionSet::of(&[*permission]).closed().and(denied).is_empty() {
                    prop_assert!(!access.decide(*permission, place(0)).is_allowed && !access.covers(*permission, Place::Organisation));
                }
            }
        }
    }

    #[test]
    fn the_settings_are_lists_of_ids() {
        let (client, other) = (ClientId::generate(), ClientId::generate());
        let site = SiteId::generate();
        let said = |reach: &Reach| {
            let mut settings = Map::new();
            reach.settings("see", &mut settings);
            Value::Object(settings)
        };
        assert_eq!(said(&Reach::all()), serde_json::json!({ "see": "all" }));
        assert_eq!(said(&Reach::default()), serde_json::json!({ "see": "" }));
        let most = Reach::new(&[Place::Organisation], &[Place::Client(client)]);
        assert_eq!(said(&most), serde_json::json!({ "see": "most", "see_not_clients": format!("{{{client}}}") }));
        let some = Reach::new(&[Place::Client(client), Place::Site(other, site)], &[]);
        let (clients, sites, parents) = (format!("{{{client}}}"), format!("{{{site}}}"), format!("{{{other}}}"));
        let expected =
            serde_json::json!({ "see": "some", "see_clients": clients, "see_sites": sites, "see_parents": parents });
        assert_eq!(said(&some), expected);
    }
}
