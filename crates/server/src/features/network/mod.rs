//! Network state: the interfaces of each machine and the addresses it is reached by.
//!
//! Owns the table `network_states`, which holds the state that each agent told last; agents tell it when it changes. The ingest
//! writes it through `ingest_network_states`.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use model::{Interface, InterfaceAddress, NetworkState};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations().routes(routes!(api::get::agent_network))
}
