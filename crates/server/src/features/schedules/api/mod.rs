//! Operations on schedules.

pub(super) mod approve;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod pause;
pub(super) mod preview;
pub(super) mod replace;
pub(super) mod resume;
