//! Operations on the audit log, one per file.

pub(super) mod list;
