//! Measurements of machines: the past as points, the present as the busiest processes.
//!
//! Owns the table `metrics`, one partition a day (UTC). The ingest writes it through `ingest_metrics`, after [`clamp`] has put
//! every time into a day that has a partition; [`maintain`] makes partitions ahead of time and drops those that are past the
//! retention. A machine has one measurement per second at most: times are whole seconds, and of two with one time the first stays.

mod api;
mod db;
mod jobs;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use jobs::{clamp, maintain, make_partitions};
pub use model::{Disk, MetricsPoint, MetricsRange, Process, ProcessList};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::range::agent_metrics))
        .routes(routes!(api::processes::agent_processes))
}
