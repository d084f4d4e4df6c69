//! Login, logout and "who am I".
//!
//! Owns the tables `users` and `auth_sessions`. A login makes a session and a token that names it ([`open_session`]); the token works as a
//! bearer token and as the dashboard's cookie alike, and ends with its session: by logout, by revocation or after 24 hours.

mod api;
mod db;
pub mod jobs;
mod links;
mod model;

use utoipa_axum::routes;

use crate::platform::http::routes::Operations;

pub use db::OrganisationOption;
pub use links::link_token;
pub use model::{Login, User, validate_email};
pub(crate) use model::{NewSession, open_session};

/// This feature's operations.
pub fn operations() -> Operations {
    crate::platform::http::routes::operations()
        .routes(routes!(api::login::auth_login))
        .routes(routes!(api::logout::auth_logout))
        .routes(routes!(api::me::auth_me, api::update::auth_update))
        .routes(routes!(api::password::auth_password))
        .routes(routes!(api::switch::auth_switch))
        .routes(routes!(api::sessions::session_list))
        .routes(routes!(api::session_revoke::session_revoke))
        .routes(routes!(api::session_revoke::session_end_others))
        .routes(routes!(api::invitation::invitation_peek))
        .routes(routes!(api::register::auth_register))
        .routes(routes!(api::accept::auth_accept))
        .routes(routes!(api::reset::auth_reset))
}
