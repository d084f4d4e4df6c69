//! Roles: named sets of permissions that an organisation makes for itself, beside the built-in ones.
//!
//! Owns the table `roles`. A role names permissions; whoever has it holds what they imply too. It is made and changed by who holds all
//! that it names, in the whole organisation: a role that grows gives to everybody who has it. The list of permissions is the server's
//! (`platform/auth/permission.rs`).

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use api::permissions::document;
pub use db::permissions_of;
pub use model::Role;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::permissions::permission_list))
        .routes(routes!(api::list::role_list, api::create::role_create))
        .routes(routes!(api::get::role_get, api::update::role_update, api::delete::role_delete))
}
