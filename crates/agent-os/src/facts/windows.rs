use super::{Description, Os};
use crate::Unsupported;

pub(super) const OS: Os = Os::Windows;

pub(super) fn describe() -> Description {
    super::described::describe("Windows")
}

pub(super) fn load_support() -> Result<(), Unsupported> {
    Err(Unsupported::because("Windows has no load average"))
}
