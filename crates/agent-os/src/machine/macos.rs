use std::process::{Command, Stdio};

use super::ioreg;
use crate::Unsupported;

pub(super) fn id() -> Result<String, Unsupported> {
    let output = Command::new("/usr/sbin/ioreg")
        .args(["-rd1", "-c", "IOPlatformExpertDevice"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| Unsupported::because(format!("ioreg could not be asked: {error}")))?;
    let missing = || Unsupported::because("the registry of this Mac names no platform UUID");
    ioreg::platform_uuid(&String::from_utf8_lossy(&output.stdout)).ok_or_else(missing)
}
