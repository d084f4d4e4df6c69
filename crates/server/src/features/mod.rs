//! The product, feature by feature. Each folder has the same files: `mod.rs` (what it is, what it owns), `model.rs` (types and
//! validation), `db.rs` (its SQL), `api/` (one file per operation).

pub mod agents;
pub mod api_keys;
pub mod audit;
pub mod auth;
pub mod clients;
pub mod command_runs;
pub mod commands;
pub mod custom_fields;
pub mod dashboard;
pub mod docs;
pub mod downloads;
pub mod enrolment;
pub mod events;
pub mod findings;
pub mod health;
pub mod history;
pub mod install_reports;
pub mod invitations;
pub mod metrics;
pub mod network;
pub mod organisations;
pub mod roles;
pub mod saved_views;
pub mod schedules;
pub mod scripts;
pub mod setup;
pub mod site_keys;
pub mod sites;
pub mod tags;
pub mod users;
