//! Clients: the customers of an organisation.
//!
//! Owns the table `clients`. A client has sites, a site has agents; a client can be deleted once it has no sites. Names are
//! unique within the organisation, whatever their case.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::{exists, find, update};
pub use model::{Client, ClientKind};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::client_list, api::create::client_create))
        .routes(routes!(api::get::client_get, api::update::client_update, api::delete::client_delete))
}
