//! The operations, one file each; retention has its two in one.

pub(super) mod range;
pub(super) mod retention;
pub(super) mod sparklines;
