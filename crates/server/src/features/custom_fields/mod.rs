//! Custom fields: what an organisation wants to know of its machines besides what they report, such as a rack or the end of a warranty.
//!
//! Owns the tables `custom_fields` (what there is to say, of one of five kinds) and `agent_field_values` (what is said of each machine).
//! A value is text in the one spelling of its kind. Definitions are the organisation's settings; values are of machines, and set by
//! `agent_update` and `agent_bulk`. Whoever sets values holds their fields until the end of the transaction: a field does not go, and a
//! choice is not taken away, between the check and the write.

mod api;
mod db;
mod model;
mod value;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::{Checked, Wishes, check, names, set};
pub use model::CustomField;
pub use value::Filter;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::custom_field_list, api::create::custom_field_create))
        .routes(routes!(api::update::custom_field_update, api::delete::custom_field_delete))
}
