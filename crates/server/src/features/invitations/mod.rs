//! Invitations: single-use links by which somebody becomes a member, with the roles that the link gives.
//!
//! Owns the table `invitations`; `auth` uses them up (`/auth/register`, `/auth/accept`). Only the SHA-256 of a link's token is kept, and the
//! link is shown once. What it gives is checked twice: when it is made, and with its maker's rights of the moment when it is used.

mod api;
mod db;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use model::Invitation;

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::invitation_list, api::create::invitation_create))
        .routes(routes!(api::revoke::invitation_revoke))
}
