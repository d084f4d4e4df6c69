//! Command runs: one request for commands on many machines, watched, stopped and repeated as one.
//!
//! Owns the table `command_runs`; each machine's part is a row of `commands`. All orders are signed in the request of whoever asks, or of the
//! second person who approves: what is signed later waits with its signature, and [`jobs`] only releases it when its turn has come. A run
//! is stored as a whole or not at all, so nothing has to be taken up again after a stop of the server, and no machine is told twice.

mod api;
mod counts;
mod create;
mod db;
mod decide;
mod groups;
pub mod jobs;
mod model;
mod pace;
mod stop;
mod targets;
mod touched;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub(crate) use create::{Scheduled, Stored, Turn, Wanting, Work, preview, store};
pub(crate) use db::exists;
pub(crate) use pace::Pace;
pub(crate) use targets::{NO_TARGETS, Preview, Wanted};
pub use touched::TouchedRuns;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::create::command_run_create, api::list::command_run_list))
        .routes(routes!(api::preview::command_run_preview))
        .routes(routes!(api::get::command_run_get))
        .routes(routes!(api::groups::command_run_groups))
        .routes(routes!(api::stop::command_run_stop))
        .routes(routes!(api::rerun::command_run_rerun))
        .routes(routes!(api::approve::command_run_approve))
        .routes(routes!(api::reject::command_run_reject))
        .routes(routes!(api::script_run::script_run))
        .routes(routes!(api::script_preview::script_preview))
        .routes(routes!(api::stop_all::command_stop_all))
        .routes(routes!(api::start_again::command_start_again))
}
