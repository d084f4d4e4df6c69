//! Enrolment: how a machine becomes an agent, and how it leaves by itself.
//!
//! Owns no table; `enrolment_enroll` and `enrolment_unenroll` (SECURITY DEFINER) write `agents`, `agent_presence`, `site_keys` and the audit
//! row together, because the organisation is known only from the key. A machine proves nothing but its site key when it comes;
//! from then on it is known by the key pair it made itself and by the agent key it is given once.

mod api;
mod db;
pub(crate) mod facts;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::enroll::agent_enroll))
        .routes(routes!(api::unenroll::agent_unenroll))
}
