//! Who calls, and what they may see and do.

mod caller;
pub mod password;
mod permission;
pub mod session;
pub mod streams;
pub mod token;

pub use caller::{Caller, OrgScope};
pub use permission::Permission;
