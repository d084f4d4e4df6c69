use std::process::{Command, Stdio};

use super::ioreg::PlatformExpert;
use crate::Unsupported;

pub(super) fn id() -> Result<String, Unsupported> {
    let missing = || Unsupported::because("the registry of this Mac names no platform UUID");
    platform_expert()?.value("IOPlatformUUID").ok_or_else(missing)
}

/// Asks the registry for the Mac itself.
pub(crate) fn platform_expert() -> Result<PlatformExpert, Unsupported> {
    let output = Command::new("/usr/sbin/ioreg")
        .args(["-rd1", "-c", "IOPlatformExpertDevice"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| Unsupported::because(format!("ioreg could not be asked: {error}")))?;
    Ok(PlatformExpert::new(String::from_utf8_lossy(&output.stdout).into_owned()))
}
