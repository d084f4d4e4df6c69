//! What every feature stands on and none owns: HTTP conventions, authentication, the database, audit, live events.
//! Nothing here may import a feature.

pub mod audit;
pub mod auth;
pub mod csv;
pub mod db;
pub mod http;
pub mod live;
pub mod outgoing;
pub mod random;
pub mod rate_limit;
pub mod secret;
pub mod secrets;
pub mod time;
pub mod validate;
