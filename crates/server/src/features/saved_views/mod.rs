//! Saved views: named views of the table of machines, with their search, filters, order and columns.
//!
//! Owns the table `saved_views`. A private view is its owner's alone, which row-level security knows; a shared one is seen by everybody of
//! the organisation, and changed or deleted by its owner or by whoever may change the organisation's settings. A view holds what to look
//! for and gives no right: whoever opens it sees what they may see.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use model::SavedView;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::saved_view_list, api::create::saved_view_create))
        .routes(routes!(api::update::saved_view_update, api::delete::saved_view_delete))
}
