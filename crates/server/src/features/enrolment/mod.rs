//! Enrolment: how a machine becomes an agent, and how it leaves by itself.
//!
//! From then on it is people who say whether it may work ([`standing`]): they let in who waits, quarantine, release, revoke keys and give other ones,
//! and continue the record of a machine that was installed anew.
//!
//! Owns the table `agent_moves`; of the others it writes what says who a machine is: `enrolment_enroll` and `enrolment_unenroll` (SECURITY DEFINER) write `agents`, `agent_presence`, `site_keys` and the audit
//! row together, because the organisation is known only from the key. A machine proves nothing but its site key when it comes;
//! from then on it is known by the key pair it made itself and by the agent key it is given once.

mod api;
mod db;
pub(crate) mod facts;
pub mod jobs;
mod sandbox;
mod standing;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use facts::{cleaned, hardware_hash};
pub use sandbox::sign;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::enroll::agent_enroll))
        .routes(routes!(api::unenroll::agent_unenroll))
        .routes(routes!(api::approve::agent_approve))
        .routes(routes!(api::reject::agent_reject))
        .routes(routes!(api::adopt::agent_adopt))
        .routes(routes!(api::quarantine::agent_quarantine))
        .routes(routes!(api::release::agent_release))
        .routes(routes!(api::rotate_key::agent_rotate_key))
        .routes(routes!(api::revoke_key::agent_revoke_key))
}
