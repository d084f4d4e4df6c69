//! Real clusters, as root and as a normal user. Run by root, the scenarios run a second time as an unprivileged user.

#![expect(clippy::unwrap_used, reason = "tests")]

mod faults;
mod normal_user;
mod start;
mod support;
mod temporary;
