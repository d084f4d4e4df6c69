//! Operations on commands, one per file.

pub(super) mod cancel;
pub(super) mod get;
pub(super) mod list;
pub(super) mod output;
pub(super) mod run;
