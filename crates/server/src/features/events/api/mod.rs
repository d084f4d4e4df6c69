//! The operation of live events.

pub(super) mod stream;
