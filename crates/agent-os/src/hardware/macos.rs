use super::Firmware;
use crate::machine::platform_expert;

/// The registry's entry of the Mac itself.
pub(super) fn firmware() -> Option<Firmware> {
    let expert = platform_expert().ok()?;
    let value = |name: &str| expert.value(name);
    Some(Firmware {
        uuid: value("IOPlatformUUID"),
        serial: value("IOPlatformSerialNumber"),
        manufacturer: value("manufacturer"),
        model: value("model"),
    })
}
