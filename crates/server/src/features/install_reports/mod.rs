//! Install reports: what an installation that failed has told.
//!
//! Owns the table `install_reports`. Whoever tells it proves nothing but that they know a site key, by its hash; so a report is foreign text, bounded,
//! cleaned of keys, kept for a month and at most so many for an organisation. It names what went wrong before a machine could be seen otherwise.

mod api;
mod db;
pub mod jobs;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use model::InstallReport;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::create::install_report_create, api::list::install_report_list))
}
