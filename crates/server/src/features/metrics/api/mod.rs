//! Operations on measurements, one per file.

pub(super) mod processes;
pub(super) mod range;
