//! Findings: what somebody should look at about a machine's identity.
//!
//! Owns the table `agent_findings`. They are made where a machine enrols or connects, by functions of the database: another machine of its
//! client has its name, another record has its hardware, it looks like a sandbox, two machines use its identity. A finding about two machines is gone
//! with either. Here people read and dismiss them; that says nothing about the machine itself.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use model::{Finding, FindingKind};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::finding_list))
        .routes(routes!(api::dismiss::finding_dismiss))
}
