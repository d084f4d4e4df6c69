//! The operations, one file each.

pub(super) mod get;
