//! Who calls, and what they may see and do.

mod caller;
mod permission;
pub mod password;
pub mod session;
pub mod token;

pub use caller::{Caller, OrgScope};
pub use permission::Permission;
