//! What tells this machine from others, also after its agent was removed and installed anew: the id that the system gave it when it was
//! installed. A copy of a disk copies it too.
//!
//! It is not for strangers: whoever tells it to somebody tells a hash of it with a purpose.

use crate::Unsupported;

#[cfg(any(target_os = "macos", test))]
mod ioreg;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(target_os = "macos")]
pub(crate) use macos::platform_expert;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

/// Linux: `machine-id`. Windows: `MachineGuid`. macOS: the hardware's UUID. In lower case, without blanks.
pub fn id() -> Result<String, Unsupported> {
    let id = platform::id()?.trim().to_lowercase();
    if id.is_empty() {
        return Err(Unsupported::because("the system has given this machine an empty id"));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_stays_the_same() {
        assert_eq!(id(), id());
        match id() {
            Ok(id) => assert!(id.len() >= 32 && id == id.to_lowercase(), "{id}"),
            // a container may have none
            Err(unsupported) => assert!(unsupported.reason.contains("id"), "{unsupported}"),
        }
    }
}
