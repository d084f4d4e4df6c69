//! Sites: the places of a client.
//!
//! Owns the table `sites`. A site belongs to one client for ever, has agents and the keys by which machines enrol into it; it
//! can be deleted once it has no agents (its keys go with it). Names are unique within the client, whatever their case.

mod api;
mod db;
mod model;
mod place;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::{client_of, find, removes_idle, update};
pub use model::Site;
pub(crate) use place::{no_such_client, no_such_site, place_of};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::site_list, api::create::site_create))
        .routes(routes!(api::get::site_get, api::update::site_update, api::delete::site_delete))
}
