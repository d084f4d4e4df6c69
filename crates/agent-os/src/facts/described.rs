//! What the `sysinfo` library knows of a system.

use super::Description;

pub(super) fn describe(kind: &str) -> Description {
    Description {
        hostname: sysinfo::System::host_name().unwrap_or_default(),
        os_name: sysinfo::System::name().unwrap_or_else(|_| kind.to_owned()),
        os_version: sysinfo::System::os_version().unwrap_or_default(),
        kernel_version: sysinfo::System::kernel_version().ok(),
    }
}
