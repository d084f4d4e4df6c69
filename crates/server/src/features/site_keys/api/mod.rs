//! Operations on site keys, one per file.

pub(super) mod create;
pub(super) mod list;
pub(super) mod regenerate;
pub(super) mod revoke;
pub(super) mod update;
