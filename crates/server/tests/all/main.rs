//! The server from outside: real HTTP, real sockets, real PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod agent_list;
mod agents;
mod audit;
mod audit_chain;
mod audit_console;
mod audit_export;
mod audit_refused;
mod audit_retention;
mod audited;
mod auth;
mod clients;
mod command_ends;
mod command_offers;
mod command_orders;
mod command_output;
mod commands;
mod dashboard;
mod docs;
mod door;
mod downloads;
mod enrolment;
mod events;
mod external;
mod fleet;
mod gateway;
mod health;
mod history;
mod history_retention;
mod hostile_queries;
mod http;
mod ingest;
mod ingest_faults;
mod isolation;
mod limits;
mod metrics;
mod network;
mod presence;
mod races;
mod secrets;
mod setup;
mod site_keys;
mod sites;
mod stopping;
mod strangers;
