//! Agents: enrolled machines, as technicians see them.
//!
//! Owns the tables `agents` (what changes rarely) and `agent_presence` (what changes all the time). Rows come from enrolment and
//! go by `agent_delete` or the machine's own departure; the gateway and the ingest keep them current through functions of the
//! database. Here people look, name, tag, move and remove, one machine or several at once, and save the list as a file.

mod api;
mod change;
mod db;
mod file;
mod filter;
mod model;
mod order;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::{delete, exists, find, lock, place_of};
pub use filter::{AgentFilter, Asked, ListQuery};
pub use model::{Agent, AgentOs, AgentState, AgentStatus, AgentSummary, not_active, not_found};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::agent_list))
        .routes(routes!(api::summary::agent_summary))
        .routes(routes!(api::export::agent_export))
        .routes(routes!(api::bulk::agent_bulk))
        .routes(routes!(api::get::agent_get, api::update::agent_update, api::delete::agent_delete))
}
