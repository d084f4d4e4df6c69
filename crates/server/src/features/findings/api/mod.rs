//! Operations of findings, one per file.

pub(super) mod dismiss;
pub(super) mod list;
