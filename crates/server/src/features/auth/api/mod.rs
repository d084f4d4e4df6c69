//! Operations on logins, one per file.

pub(super) mod login;
pub(super) mod logout;
pub(super) mod me;
