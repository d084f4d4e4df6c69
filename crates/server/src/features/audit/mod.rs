//! The audit log, as people read it. Rows are written by [`crate::platform::audit`] in the transactions of what they tell of.
//!
//! Reads the tables `audit_events`, `audit_chain` and `audit_anchors`, and changes nothing in them; says for how long they are kept
//! (`organisations.audit_days`). [`words`] tells each action as a sentence.

mod api;
mod db;
mod file;
mod filter;
mod model;
pub mod words;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use filter::ListQuery;
pub use model::{ActorKind, AuditAction, AuditEvent, Change, Outcome};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::audit_event_list))
        .routes(routes!(api::export::audit_event_export))
        .routes(routes!(api::chain::audit_chain_get))
        .routes(routes!(api::retention::audit_retention_get, api::retention::audit_retention_update))
}
