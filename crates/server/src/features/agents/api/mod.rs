//! Operations on agents, one per file.

pub(super) mod bulk;
pub(super) mod delete;
pub(super) mod export;
pub(super) mod get;
pub(super) mod list;
pub(super) mod summary;
pub(super) mod update;
