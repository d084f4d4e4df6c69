//! Operations on logins, one per file.

pub(super) mod accept;
pub(super) mod invitation;
pub(super) mod login;
pub(super) mod logout;
pub(super) mod me;
pub(super) mod password;
pub(super) mod register;
pub(super) mod reset;
pub(super) mod session_revoke;
pub(super) mod sessions;
pub(super) mod switch;
pub(super) mod update;
