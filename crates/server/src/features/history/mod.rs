//! History: measurements rolled up to 5 minutes and to hours, for charts from a day to years and for sparklines.
//!
//! Owns the tables `history_5m`, `history_1h` and `history_6h` (one partition a month, UTC), `history_marks`, `history_due` and
//! `history_retention`. A span is rolled up once it is over; a measurement that comes later makes its span due, and it is rolled up
//! anew, unless the others of the span are no longer kept: of the rest it would be made wrong. Nothing else that was stored is missing from
//! a roll-up for longer than a run of the job takes: a batch of measurements and the mark that says what is rolled up cannot pass each
//! other (`history_close`).
//!
//! What one organisation keeps is at most what the server keeps (the partitions), and less when it wishes.

mod api;
mod db;
mod jobs;
mod model;
mod retention;
mod step;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use jobs::{maintain, purge, roll_up};
pub use model::{Aggregate, History, HistoryDisk, HistoryPoint, Sparkline};
pub use retention::Retention;
pub use step::Step;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::range::agent_history))
        .routes(routes!(api::sparklines::agent_sparklines))
        .routes(routes!(api::retention::history_retention_get, api::retention::history_retention_update))
}
