//! Facts as they may be stored: whatever a machine says of itself is foreign text.

use gururmm_protocol::facts::{Capability, Facts, Hardware};
use gururmm_protocol::limits::{CAPABILITIES_MAX, SHORT_TEXT_MAX};
use sha2::{Digest as _, Sha256};

use crate::platform::validate::{is_visible, visible};

const REASON_MAX: usize = 200;
/// Characters of all capabilities together: they travel with every agent of every list.
const CAPABILITIES_TEXT_MAX: usize = 8 * 1024;

/// Text that PostgreSQL takes and a page can show: nothing that is not seen or reverses the rest, bounded.
pub(crate) fn clean(text: &str, max: usize) -> String {
    visible(text).take(max).collect()
}

/// The same in place, for what is nearly always clean.
pub(crate) fn clean_in_place(text: &mut String, max: usize) {
    // as many bytes are at least as many characters
    if text.len() > max || !is_visible(text) {
        *text = clean(text, max);
    }
}

/// Facts with every text cleaned and every list bounded.
pub fn cleaned(facts: Facts) -> Facts {
    let short = |text: String| clean(&text, SHORT_TEXT_MAX);
    let hostname =
        Some(short(facts.hostname)).filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "unnamed".to_owned());
    Facts {
        hostname,
        os: facts.os,
        os_name: short(facts.os_name),
        os_version: short(facts.os_version),
        kernel_version: facts.kernel_version.map(short),
        arch: short(facts.arch),
        agent_version: short(facts.agent_version),
        capabilities: cleaned_capabilities(facts.capabilities),
        hardware: facts.hardware.map(cleaned_hardware),
    }
}

fn cleaned_hardware(hardware: Hardware) -> Hardware {
    let short =
        |text: Option<String>| text.map(|text| clean(text.trim(), SHORT_TEXT_MAX)).filter(|text| !text.is_empty());
    let is_hash = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Hardware {
        uuid_hash: hardware.uuid_hash.filter(is_hash).map(|text| text.to_ascii_lowercase()),
        serial: short(hardware.serial),
        manufacturer: short(hardware.manufacturer),
        model: short(hardware.model),
    }
}

/// Shorter serial numbers are counters that several machines have.
const SERIAL_MIN: usize = 5;

/// What tells the hardware of a machine from others: its UUID, or else its serial number with maker and model; none when neither says
/// enough. A machine that was installed anew has the same.
pub fn hardware_hash(facts: &Facts) -> Option<[u8; 32]> {
    let hardware = facts.hardware.as_ref()?;
    let mut hash = Sha256::new_with_prefix(b"gururmm.hardware.v1\0");
    match (&hardware.uuid_hash, &hardware.serial) {
        (Some(uuid), _) => hash.update(uuid),
        (None, Some(serial)) if serial.chars().count() >= SERIAL_MIN => {
            for part in [&hardware.manufacturer, &hardware.model, &Some(serial.clone())] {
                hash.update(part.as_deref().unwrap_or_default());
                hash.update([0]);
            }
        }
        _ => return None,
    }
    Some(hash.finalize().into())
}

/// As many as fit.
fn cleaned_capabilities(capabilities: Vec<Capability>) -> Vec<Capability> {
    let mut room = CAPABILITIES_TEXT_MAX;
    let fits = |capability: &Capability| {
        let length = |text: &str| text.chars().count();
        let size = length(&capability.name) + capability.reason.as_deref().map_or(0, length);
        room.checked_sub(size).inspect(|left| room = *left).is_some()
    };
    capabilities.into_iter().take(CAPABILITIES_MAX).map(cleaned_capability).take_while(fits).collect()
}

fn cleaned_capability(capability: Capability) -> Capability {
    Capability {
        name: clean(&capability.name, SHORT_TEXT_MAX),
        supported: capability.supported,
        reason: capability.reason.map(|reason| clean(&reason, REASON_MAX)),
    }
}

#[cfg(test)]
mod tests {
    use gururmm_protocol::facts::Os;

    use super::*;

    #[test]
    fn foreign_text_is_bounded_and_hides_nothing() {
        let facts = cleaned(Facts {
            hostname: "\u{0}\u{1b}[31m".repeat(300),
            os: Os::Linux,
            os_name: "Debian\nGNU".to_owned(),
            os_version: String::new(),
            kernel_version: Some("6\u{0}.1".to_owned()),
            arch: "x86_64".to_owned(),
            agent_version: "0".to_owned(),
            capabilities: vec![Capability::supported("x"); 1000],
            hardware: Some(Hardware {
                uuid_hash: Some("z".repeat(64)),
                serial: Some(" \u{202e}EX1\n ".to_owned()),
                manufacturer: Some("  ".to_owned()),
                model: Some("m".repeat(9_999)),
            }),
        });
        let hardware = facts.hardware.as_ref().unwrap();
        assert_eq!((&hardware.uuid_hash, &hardware.manufacturer), (&None, &None));
        assert_eq!(hardware.serial.as_deref(), Some("EX1"));
        assert_eq!(hardware.model.as_ref().map(String::len), Some(SHORT_TEXT_MAX));
        assert_eq!(hardware_hash(&facts), None, "three signs are no serial number");
        assert_eq!(facts.hostname.chars().count(), SHORT_TEXT_MAX);
        assert!(!facts.hostname.contains(char::is_control));
        assert_eq!(facts.os_name, "DebianGNU");
        assert_eq!(facts.kernel_version.as_deref(), Some("6.1"));
        assert_eq!(facts.capabilities.len(), CAPABILITIES_MAX);
    }

    #[test]
    fn capabilities_are_few_words_together() {
        let long = |number: usize| Capability::unsupported(&format!("capability {number}"), &"x".repeat(1_000));
        let kept = cleaned_capabilities((0..CAPABILITIES_MAX).map(long).collect());
        let size: usize = kept.iter().map(|kept| kept.name.len() + kept.reason.as_ref().map_or(0, String::len)).sum();
        assert!((CAPABILITIES_TEXT_MAX / 2..=CAPABILITIES_TEXT_MAX).contains(&size), "{size}");
        assert_eq!(kept[0], Capability::unsupported("capability 0", &"x".repeat(REASON_MAX)));
    }
}
