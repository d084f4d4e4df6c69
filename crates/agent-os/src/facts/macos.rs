use super::{Description, Os};
use crate::Unsupported;

pub(super) const OS: Os = Os::Macos;

pub(super) fn describe() -> Description {
    super::described::describe("macOS")
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn load_support() -> Result<(), Unsupported> {
    Ok(())
}
