//! Who calls, and what they may see and do.

pub mod access;
mod caller;
pub mod giving;
pub mod identity;
pub mod keys_used;
pub mod password;
mod permission;
mod reach;
pub mod role;
pub mod stored;
pub mod streams;
pub mod token;

pub use access::{Access, Place};
pub use caller::{API_KEY_PREFIX, Caller, OrgScope};
pub use permission::{Level, Permission, PermissionSet};
pub use reach::Reach;
