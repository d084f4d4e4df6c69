//! Operations on tags, one per file.

pub(super) mod list;
