//! Clients, sites and host names of a fictitious service provider.

use super::random::{choose, hash};

/// Customers, each with its sites; nobody of this world.
const CLIENTS: [(&str, &[&str]); 12] = [
    ("Alder Dental Group", &["Practice North", "Practice South", "Laboratory"]),
    ("Bramble & Finch Legal", &["Chambers", "Archive"]),
    ("Cobalt Freight", &["Depot East", "Depot West", "Head Office", "Yard"]),
    ("Dovetail Joinery", &["Workshop", "Showroom"]),
    ("Elm Street School", &["Main Building", "Gymnasium", "Library"]),
    ("Foxglove Pharmacy", &["High Street", "Station", "Market Square"]),
    ("Gannet Boatyard", &["Harbour Office", "Slipway"]),
    ("Hazelwood Clinic", &["Reception", "Radiology", "Administration"]),
    ("Ironbridge Metals", &["Foundry", "Offices", "Warehouse"]),
    ("Juniper Hotels", &["Lakeside", "Old Town", "Airport", "Reservations"]),
    ("Kestrel Insurance", &["Head Office", "Claims"]),
    ("Lantern Books", &["Shop", "Distribution"]),
];

const ROLES: [&str; 10] = ["desk", "till", "lab", "front", "acct", "ops", "kiosk", "design", "hr", "sales"];
const SERVER_ROLES: [&str; 6] = ["dc", "file", "app", "db", "web", "backup"];
const USERS: [&str; 12] = [
    "a.alder",
    "b.birch",
    "c.cedar",
    "d.dogwood",
    "e.elder",
    "f.fir",
    "g.ginkgo",
    "h.holly",
    "i.ivy",
    "j.juniper",
    "k.kauri",
    "l.larch",
];

/// Where machines belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The client.
    pub client: &'static str,
    /// The site of the client.
    pub site: &'static str,
}

/// The service provider.
#[derive(Clone, Copy, Debug)]
pub struct Organisation;

impl Organisation {
    /// Its name.
    pub const NAME: &str = "Northstar Managed IT";

    /// All clients and their sites.
    pub fn places() -> impl Iterator<Item = Place> {
        CLIENTS.iter().flat_map(|(client, sites)| sites.iter().map(|site| Place { client, site }))
    }
}

/// The place of a machine. Some clients are larger than others.
pub(super) fn place(seed: u64, index: usize) -> Place {
    let number = hash(seed, index as u64);
    // the smaller of two: the first clients are the larger ones
    let client = (number % CLIENTS.len() as u64).min((number >> 32) % CLIENTS.len() as u64);
    let (client, sites) = CLIENTS[client as usize];
    Place { client, site: choose(number, 1, sites) }
}

/// A host name that no other machine of the fleet has.
pub(super) fn hostname(seed: u64, index: usize, is_server: bool) -> String {
    let place = place(seed, index);
    let initials: String =
        place.client.split(' ').filter_map(|word| word.chars().next()).filter(char::is_ascii_alphabetic).collect();
    let role =
        if is_server { choose(seed, index as u64 + 3, &SERVER_ROLES) } else { choose(seed, index as u64 + 5, &ROLES) };
    format!("{}-{role}-{:04}", initials.to_lowercase(), index + 1)
}

/// Who works there.
pub(super) fn user(seed: u64, index: usize) -> &'static str {
    choose(seed, index as u64 + 9, &USERS)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn names_are_unique_and_valid() {
        let names: BTreeSet<String> = (0..5_000).map(|index| hostname(1, index, index % 3 == 0)).collect();
        assert_eq!(names.len(), 5_000);
        let is_valid = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        assert!(names.iter().all(|name| name.len() <= 15 && name.chars().all(is_valid)));
    }

    #[test]
    fn every_place_has_machines_and_some_have_more() {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for index in 0..2_000 {
            let place = place(1, index);
            assert!(Organisation::places().any(|known| known == place));
            *counts.entry(place.client).or_default() += 1;
        }
        assert_eq!(counts.len(), CLIENTS.len());
        assert!(counts["Alder Dental Group"] > 3 * counts["Lantern Books"]);
    }
}
