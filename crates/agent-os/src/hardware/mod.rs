//! What the machine is made of, as its firmware says: it stays when the disk is wiped.
//!
//! Vendors leave placeholders in; those are nothing. In a container nothing is told: it sees its host's firmware, as its neighbours do.

use std::sync::OnceLock;

use gururmm_protocol::facts::Hardware;
use gururmm_protocol::secret::hash_hex;

use crate::{Unsupported, short};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(any(windows, test))]
mod smbios;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

/// What a firmware says, as it says it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Firmware {
    uuid: Option<String>,
    serial: Option<String>,
    manufacturer: Option<String>,
    model: Option<String>,
}

/// What is known of the hardware; nothing where nothing tells. Read once: it does not change while the system runs.
pub fn collect() -> Option<Hardware> {
    static KNOWN: OnceLock<Option<Hardware>> = OnceLock::new();
    KNOWN.get_or_init(|| told(platform::firmware()?)).clone()
}

/// Whether anything is known of the hardware.
pub fn support() -> Result<(), Unsupported> {
    let known = collect().map(drop);
    known.ok_or_else(|| {
        Unsupported::because("the firmware tells nothing, or this is a container, which sees its host's")
    })
}

fn told(firmware: Firmware) -> Option<Hardware> {
    let hardware = Hardware {
        uuid_hash: firmware.uuid.as_deref().and_then(meaningful_uuid).map(|uuid| hash_hex(uuid.as_bytes())),
        serial: firmware.serial.as_deref().and_then(meaningful),
        manufacturer: firmware.manufacturer.as_deref().and_then(meaningful),
        model: firmware.model.as_deref().and_then(meaningful),
    };
    (hardware != Hardware::default()).then_some(hardware)
}

/// What boards say whose maker has left the fields as they came.
const PLACEHOLDERS: [&str; 16] = [
    "to be filled by o.e.m.",
    "default string",
    "system serial number",
    "system manufacturer",
    "system product name",
    "system version",
    "not specified",
    "not applicable",
    "not available",
    "none",
    "n/a",
    "unknown",
    "invalid",
    "o.e.m.",
    "oem",
    "123456789",
];

/// A text that says something.
fn meaningful(text: &str) -> Option<String> {
    let text = short(text.trim());
    let lower = text.to_lowercase();
    let is_monotonous = || lower.chars().all(|sign| lower.starts_with(sign));
    (lower.len() > 1 && !PLACEHOLDERS.contains(&lower.as_str()) && !is_monotonous()).then_some(text)
}

/// UUIDs of which thousands of boards have the same.
const SHARED_UUIDS: [&str; 3] = [
    "03000200-0400-0500-0006-000700080009",
    "12345678-1234-5678-90ab-cddeefaabbcc",
    "00020003-0004-0005-0006-000700080009",
];

/// A UUID that tells machines apart, in lower case.
fn meaningful_uuid(text: &str) -> Option<String> {
    let uuid = text.trim().to_lowercase();
    let digits: Vec<char> = uuid.chars().filter(char::is_ascii_hexdigit).collect();
    let is_monotonous = digits.iter().all(|digit| Some(digit) == digits.first());
    (digits.len() == 32 && !is_monotonous && !SHARED_UUIDS.contains(&uuid.as_str())).then_some(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_say_nothing() {
        for text in ["To be filled by O.E.M.", " Default string ", "0", "00000000", "None", "", "............"] {
            assert_eq!(meaningful(text), None, "{text}");
        }
        assert_eq!(meaningful(" EX12345 \n").as_deref(), Some("EX12345"));
        for text in ["", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "03000200-0400-0500-0006-000700080009", "EX12345"] {
            assert_eq!(meaningful_uuid(text), None, "{text}");
        }
        let upper = meaningful_uuid("4C4C4544-0042-3510-8052-B4C04F564231");
        assert_eq!(upper, meaningful_uuid("4c4c4544-0042-3510-8052-b4c04f564231"));
        assert!(upper.is_some());
    }

    #[test]
    fn nothing_is_told_when_nothing_is_known() {
        assert_eq!(told(Firmware::default()), None);
        let placeholder = Firmware { serial: Some("Default string".to_owned()), ..Firmware::default() };
        assert_eq!(told(placeholder), None);
        let known = Firmware { uuid: Some("4C4C4544-0042-3510-8052-B4C04F564231".to_owned()), ..Firmware::default() };
        let hardware = told(known).unwrap();
        assert_eq!(hardware.uuid_hash.map(|hash| hash.len()), Some(64));
    }

    #[test]
    fn this_machine_says_the_same_twice() {
        assert_eq!(collect(), collect());
    }
}
