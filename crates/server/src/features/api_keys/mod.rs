//! API keys: what a program may do in somebody's name.
//!
//! Owns the table `api_keys`. A key never holds more than its maker holds at that moment: what it may do is what its own list and its maker's
//! grants both allow, at the places that both name. It makes no people, roles or keys, works from its networks only, ends after 400 days at
//! most, and with its maker. The key itself is shown once; the server keeps its SHA-256 and the first characters.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use model::{ApiKey, ApiKeyState};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::api_key_list, api::create::api_key_create))
        .routes(routes!(api::revoke::api_key_revoke))
}
