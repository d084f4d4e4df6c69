//! The first start and the set-up that follows it.
//!
//! Owns the table `setup_state` (and writes the first rows of `organisations`, `clients`, `sites`, `site_keys` and `users`). On an empty
//! database [`first_start`] makes the organisation "default" with one client, one site and a one-use key for this very machine,
//! and a one-time token that is printed on the console. Who has the token makes the first administrator and names
//! what the first start made; then the set-up is
//! closed for ever. There is no default account and no other way in.

mod api;
mod db;
mod first_start;
mod names;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use first_start::{FirstStart, first_start};

/// Why the set-up cannot be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// Somebody has completed it.
    Closed,
    /// The token is not the newest one.
    WrongToken,
}

impl Refusal {
    /// From the database's word.
    fn of(word: &str) -> Option<Self> {
        match word {
            "open" | "done" => None,
            "closed" => Some(Self::Closed),
            _ => Some(Self::WrongToken),
        }
    }
}

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations().routes(routes!(api::get::setup_get, api::complete::setup_complete))
}
