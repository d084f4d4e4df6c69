//! Machines that nobody owns: what takes software apart to look at it runs an installer too, and enrols with its key.
//!
//! Only what real machines do not say is a sign; that one is virtual is none. Somebody looks at it: nothing is refused.

use gururmm_protocol::facts::{Facts, Os};

/// Host names of analysis machines that are widely known, from public lists of what evasive software looks for.
const HOSTNAMES: &[&str] = &[
    "7silvia",
    "abc-win7",
    "cuckoo",
    "fortinet",
    "hal9th",
    "hanspeter-pc",
    "john-pc",
    "joesbox",
    "klone_x64-pc",
    "malnetvm",
    "maltest",
    "malwarebox",
    "mueller-pc",
    "sandbox",
    "tequilaboomboom",
    "win7-trapss",
    "wilbert-sc",
];
/// Parts of what such a machine calls its hardware.
const HARDWARE: &[&str] = &["bochs", "cuckoo", "sandbox", "joebox"];

/// Why a machine looks like one, if it does.
pub fn sign(facts: &Facts) -> Option<&'static str> {
    let hostname = facts.hostname.to_lowercase();
    if HOSTNAMES.contains(&hostname.as_str()) {
        return Some("Its host name is one that is known of machines that analyse software.");
    }
    if facts.os == Os::Windows && is_windows_sandbox(&hostname) {
        return Some("Its host name is one that Windows Sandbox makes up.");
    }
    let says = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default().to_lowercase();
        HARDWARE.iter().any(|word| text.contains(word))
    };
    let is_made_up =
        facts.hardware.as_ref().is_some_and(|hardware| says(&hardware.manufacturer) || says(&hardware.model));
    is_made_up.then_some("Its hardware is one that is made up for analysing software.")
}

/// The beginning of a random UUID, as far as a NetBIOS name goes: `1d2c3b4a-5e6f-4`.
fn is_windows_sandbox(hostname: &str) -> bool {
    let is_right = |(at, sign): (usize, char)| if at == 8 || at == 13 { sign == '-' } else { sign.is_ascii_hexdigit() };
    hostname.len() == 15 && hostname.chars().enumerate().all(is_right)
}

#[cfg(test)]
mod tests {
    use gururmm_protocol::facts::Hardware;

    use super::*;

    fn machine(hostname: &str, os: Os, model: Option<&str>) -> Facts {
        Facts {
            hostname: hostname.to_owned(),
            os,
            os_name: String::new(),
            os_version: String::new(),
            kernel_version: None,
            arch: String::new(),
            agent_version: String::new(),
            capabilities: Vec::new(),
            hardware: Some(Hardware { model: model.map(str::to_owned), ..Hardware::default() }),
        }
    }

    #[test]
    fn only_what_real_machines_do_not_say_is_a_sign() {
        for (hostname, os, model) in [
            ("HANSPETER-PC", Os::Windows, None),
            ("1D2C3B4A-5E6F-4", Os::Windows, None),
            ("web-1", Os::Linux, Some("Bochs machine")),
        ] {
            assert!(sign(&machine(hostname, os, model)).is_some(), "{hostname}");
        }
        for (hostname, os, model) in [
            ("web-1", Os::Linux, Some("Standard PC (Q35 + ICH9, 2009)")),
            ("desktop-1d2c3b4", Os::Windows, Some("Virtual Machine")),
            ("1d2c3b4a-5e6f-4", Os::Linux, None),
            ("reception", Os::Macos, None),
        ] {
            assert_eq!(sign(&machine(hostname, os, model)), None, "{hostname}");
        }
    }
}
