//! Faults with real processes: the server as it is started by hand, the agent as it runs on a machine, and a network in between that can
//! be cut one way, be slow, or carry messages twice.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agent_killed;
mod agent_killed_states;
mod agent_stopped;
mod agent_suspended;
mod audit_verify;
mod database_stopped;
mod disk_full;
mod doubled;
mod flood;
mod identities;
mod long_cut;
mod one_way;
mod processes;
mod run_server_killed;
mod server_killed;
mod slow;
mod start;
