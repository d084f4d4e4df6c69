use std::fs;

use super::{Description, Os, os_release};
use crate::Unsupported;

pub(super) const OS: Os = Os::Linux;

pub(super) fn describe() -> Description {
    let hostname = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok().map(|text| text.trim().to_owned());
    let text = fs::read_to_string("/etc/os-release").or_else(|_| fs::read_to_string("/usr/lib/os-release"));
    let (os_name, os_version) = os_release::name_and_version(&text.unwrap_or_default());
    Description { hostname, os_name, os_version, kernel_version: kernel }
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn load_support() -> Result<(), Unsupported> {
    Ok(())
}
