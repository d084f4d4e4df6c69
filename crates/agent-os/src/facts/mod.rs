//! What the machine is: facts that change rarely.

use gururmm_protocol::command::CommandType;
use gururmm_protocol::facts::{Capability, Facts, Os};

use crate::interpreter;
use crate::process::Containment;
use crate::{Unsupported, short};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(target_os = "linux"))]
mod described;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(target_os = "linux")]
mod os_release;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

/// What an operating system says of itself.
struct Description {
    hostname: String,
    os_name: String,
    os_version: String,
    kernel_version: Option<String>,
}

/// Collects the facts. Cheap: a few small files or calls.
pub fn collect(agent_version: &str) -> Facts {
    let description = platform::describe();
    Facts {
        hostname: short(description.hostname.split('.').next().unwrap_or_default()),
        os: platform::OS,
        os_name: short(&description.os_name),
        os_version: short(&description.os_version),
        kernel_version: description.kernel_version.as_deref().map(short),
        arch: std::env::consts::ARCH.to_owned(),
        agent_version: short(agent_version),
        capabilities: capabilities(),
        hardware: crate::hardware::collect(),
    }
}

fn capabilities() -> Vec<Capability> {
    let capability = |name: &str, support: Result<(), Unsupported>| match support {
        Ok(()) => Capability::supported(name),
        Err(unsupported) => Capability::unsupported(name, &unsupported.reason),
    };
    vec![
        Capability::supported("metrics"),
        Capability::supported("commands.rest"),
        capability("commands.shell", Containment::shell_support()),
        capability("commands.powershell", interpreter::support(CommandType::Powershell)),
        capability("commands.python", interpreter::support(CommandType::Python)),
        capability("commands.user_session", crate::session::support()),
        capability("commands.contained", Containment::support()),
        capability("metrics.idle", crate::metrics::idle_support()),
        capability("metrics.load", platform::load_support()),
        capability("network.state", crate::network::interfaces().map(drop)),
        capability("hardware", crate::hardware::support()),
        capability("identity.sealed", crate::protect::seal_support()),
        capability("service", crate::service::support()),
    ]
}

#[cfg(test)]
mod tests {
    use gururmm_protocol::limits::SHORT_TEXT_MAX;

    use super::*;

    #[test]
    fn this_machine_has_a_name_and_a_system() {
        let facts = collect("1.2.3");
        assert!(!facts.hostname.is_empty());
        assert!(!facts.os_name.is_empty());
        assert_eq!(facts.agent_version, "1.2.3");
        assert!(
            facts.capabilities.iter().any(|capability| capability.name == "commands.shell" && capability.supported)
        );
    }

    #[test]
    fn texts_are_short_and_have_no_control_characters() {
        assert_eq!(short("a\n\u{1b}b"), "ab");
        assert_eq!(short(&"é".repeat(1000)).chars().count(), SHORT_TEXT_MAX);
    }
}
