//! The GuruRMM server: REST API, agents' gateway, live events and the dashboard in one program.
//!
//! `platform/` is what every feature stands on; `features/` has one folder per feature with the same file names in each;
//! `gateway/` holds the agents' connections and `ingest/` writes what they send.

pub mod app;
pub mod config;
pub mod doctor;
pub mod features;
pub mod gateway;
pub mod ingest;
pub mod lifecycle;
pub mod platform;
