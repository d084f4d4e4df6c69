//! The server from outside: real HTTP, real sockets, real PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod agent_list;
mod agents;
mod audit;
mod audited;
mod auth;
mod clients;
mod commands;
mod dashboard;
mod docs;
mod downloads;
mod enrolment;
mod events;
mod external;
mod gateway;
mod health;
mod http;
mod ingest;
mod isolation;
mod limits;
mod metrics;
mod races;
mod setup;
mod site_keys;
mod sites;
mod stopping;
mod strangers;
