//! Agents without a machine: they speak the real protocol and make up the rest.
//!
//! Used by tests, load tests and demonstrations. A [`SimulatedAgent`] enrols like a real one, a [`Link`] is its connection. Nothing here
//! decides by itself: the caller says what to send and reads what comes, so that broken and hostile agents can be played too.
//!
//! [`fleet`] are thousands of them that decide as real agents do.
//! [`processes`] are the opposite: the real programs, started and stopped; a [`Proxy`] is a network between them that can be cut, be slow, or carry
//! messages twice.

mod enrol;
pub mod fleet;
mod link;
mod made_up;
pub mod processes;
mod proxy;

pub use enrol::{SimulatedAgent, http_client};
pub use link::{Link, ProofChange};
pub use made_up::{facts, metrics, network};
pub use proxy::{Blocked, Proxy, Slow};
