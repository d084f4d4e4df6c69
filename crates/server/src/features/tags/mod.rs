//! Tags: short words on machines, by which people find and group them.
//!
//! Owns the table `agent_tags`. A tag is there as long as a machine has it: there is nothing to make before or to clear up after. It is
//! kept as it was typed and told apart without regard to case. Machines get theirs by `agent_update` and `agent_bulk`.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::set;
pub use model::{TAGS_MAX, Tags, is_same, list, wanted};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations().routes(routes!(api::list::tag_list))
}
