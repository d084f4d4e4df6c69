//! Users: the people of an organisation, what they may do and where they are signed in.
//!
//! Owns the tables `memberships` and `grants`; accounts and sessions belong to `auth`. A person has one account, whatever organisations
//! they work for, and belongs to each by a membership. What they may do there are grants: a role, allowed or denied, on the organisation,
//! a client or a site (`platform/auth/access.rs`). Nobody gives what they do not hold, and nobody touches who holds more than they
//! (`platform/auth/giving.rs`); the last owner stays, which the database sees to at the commit.

mod api;
pub mod console;
mod db;
mod model;
mod wish;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::grants_of_holders;
pub use model::{GrantInfo, Member, MemberStatus};
pub use wish::{Resolved, Wish};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::list::user_list))
        .routes(routes!(api::get::user_get, api::update::user_update, api::remove::user_remove))
        .routes(routes!(api::access::user_access))
        .routes(routes!(api::sessions::user_sessions))
        .routes(routes!(api::sign_out::user_sign_out))
        .routes(routes!(api::grant_create::grant_create))
        .routes(routes!(api::grant_delete::grant_delete))
}
