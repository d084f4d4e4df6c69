//! Commands: run something on a machine, watch it, cancel it, read what became of it.
//!
//! Owns the tables `commands` and `command_outputs`. A command is `queued` (one of a run perhaps `awaiting_approval` before) until its agent says it began, `running` until the agent
//! says how it ended; [`jobs`] ends what can no longer end by itself, so none stays open for ever. The order is signed once and for
//! good when somebody asks for it, and repeated as it was signed: an agent has no way to run it twice, and a row that somebody writes into
//! the database is no order.

pub(crate) mod agent;
mod api;
mod db;
mod encoding;
pub mod jobs;
mod lines;
mod model;
mod status;
mod what;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use agent::offer_again;
pub use model::Command;
pub(crate) use model::{Asked, What, stopped};
pub use status::{CommandStatus, End};
pub(crate) use what::{CommandContextName, CommandTypeName, Wish, expiry};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::run::command_run))
        .routes(routes!(api::list::command_list))
        .routes(routes!(api::get::command_get))
        .routes(routes!(api::cancel::command_cancel))
        .routes(routes!(api::output::command_output))
}
