//! Schedules: a version of a script that runs by itself, at times of the clock, when machines enrol, or when they are first there on a day.
//!
//! Owns the tables `schedules`, `schedule_zones` and `schedule_marks`; what a schedule begins is a run of commands like any other. A schedule belongs
//! to a place (the organisation, a client, a site) and reaches machines there. It works in the name of whoever changed it last, with what they may
//! do at that moment, and is *suspended* when they may not any more.
//!
//! What it does is its *mandate* ([`mandate`]): signed when it is asked for and opened each time, so that nobody who writes into the database
//! lets agents run anything. A time that was due is claimed in the transaction that stores its run: it comes once, whatever servers and
//! clocks do ([`fire`]).

mod api;
mod db;
mod edit;
mod fire;
pub mod jobs;
mod mandate;
mod marks;
mod model;
mod timing;
mod trigger;
mod zones;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::schedule_list, api::create::schedule_create))
        .routes(routes!(api::preview::schedule_preview))
        .routes(routes!(api::get::schedule_get, api::replace::schedule_replace, api::delete::schedule_delete))
        .routes(routes!(api::pause::schedule_pause))
        .routes(routes!(api::resume::schedule_resume))
        .routes(routes!(api::approve::schedule_approve))
}
