//! The audit log, as people read it. Rows are written by [`crate::platform::audit`] in the transactions of what they tell of.
//!
//! Reads the table `audit_events`; nothing here changes it.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use model::{ActorKind, AuditEvent};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations().routes(routes!(api::list::audit_event_list))
}
