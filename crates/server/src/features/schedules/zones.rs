//! By which clocks a schedule is due: those of the sites of its place.

use std::collections::BTreeMap;

use gururmm_ids::SiteId;
use jiff::tz::TimeZone;
use sqlx::PgConnection;

use super::db;
use crate::platform::auth::{OrgScope, Place};

/// A time zone, and the sites whose clocks are in it.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) clock: TimeZone,
    pub(super) sites: Vec<SiteId>,
}

impl Zone {
    /// Its name and its clock.
    pub(super) fn named(&self) -> (String, TimeZone) {
        (self.name.clone(), self.clock.clone())
    }
}

/// The time zones of a place's sites; `only` when one is given, for all of them. One that this server does not know is UTC.
pub(super) async fn of_place(
    tx: &mut PgConnection,
    scope: &OrgScope,
    place: Place,
    only: Option<&str>,
) -> sqlx::Result<Vec<Zone>> {
    let mut by_name: BTreeMap<String, Vec<SiteId>> = BTreeMap::new();
    for (site, name) in db::site_zones(tx, scope, place).await? {
        by_name.entry(only.map_or(name, str::to_owned)).or_default().push(site);
    }
    let zone = |(name, sites): (String, Vec<SiteId>)| {
        let clock = TimeZone::get(&name).unwrap_or_else(|error| {
            tracing::warn!(%name, %error, "a time zone is not known here; UTC is taken for it");
            TimeZone::UTC
        });
        Zone { name, clock, sites }
    };
    Ok(by_name.into_iter().map(zone).collect())
}
