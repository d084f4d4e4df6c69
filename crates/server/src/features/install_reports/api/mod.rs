//! Operations of install reports, one per file.

pub(super) mod create;
pub(super) mod list;
