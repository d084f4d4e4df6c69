//! Live events for browsers and scripts: one server-sent stream.
//!
//! Owns no table. A listener hears what its organisation may see; output of commands only for those it names. Who falls
//! behind is told to `resync`: to read again whatever is shown.

mod api;
mod audience;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations().routes(routes!(api::stream::event_stream))
}
