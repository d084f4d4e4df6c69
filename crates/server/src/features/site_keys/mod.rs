//! Site keys: what lets machines enrol into a site.
//!
//! Owns the table `site_keys`; enrolment uses the keys up. The key itself is shown once, when it is made; the server keeps its
//! SHA-256 and the first characters, by which people recognise it. A key ends by being revoked, by its time, or by its uses;
//! agents that enrolled with it stay, and say which key it was. A key is changed, or made anew: the old text lets nobody in any more, what it
//! has enrolled stays under its name.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::names_of;
pub use model::{SiteKey, SiteKeyState};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::site_key_list, api::create::site_key_create))
        .routes(routes!(api::update::site_key_update))
        .routes(routes!(api::regenerate::site_key_regenerate))
        .routes(routes!(api::revoke::site_key_revoke))
}
