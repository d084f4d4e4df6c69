//! Operations of the set-up, one per file.

pub(super) mod complete;
pub(super) mod get;
