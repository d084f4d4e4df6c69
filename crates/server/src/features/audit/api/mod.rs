//! Operations on the audit log, one per file.

pub(super) mod chain;
pub(super) mod export;
pub(super) mod list;
pub(super) mod retention;
