//! Organisations: the providers who share a server, their limits, and the operators who run it for them.
//!
//! Owns the table `organisations` and, through functions alone, `platform_operators`. An organisation sees and names itself. Operators make
//! organisations, limit and suspend them, and see nothing in them: they have no scope, so there is no way from them to a row. Nobody
//! becomes an operator by a request; the console makes them. Limits are kept by the database, where machines and people are made.

mod api;
pub mod console;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::is_operator;
pub use model::{Limits, Organisation, PlatformOrganisation};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::get::organisation_get, api::update::organisation_update))
        .routes(routes!(
            api::platform_list::platform_organisation_list,
            api::platform_create::platform_organisation_create
        ))
        .routes(routes!(api::platform_update::platform_organisation_update))
}
