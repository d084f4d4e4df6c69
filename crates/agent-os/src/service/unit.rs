//! The text of the systemd unit.

use std::path::Path;

const UNIT: &str = include_str!("../../../../packaging/linux/gururmm-agent.service");
pub(super) const USUAL_PROGRAM: &str = "/usr/local/bin/gururmm-agent";

/// Where the part of the unit begins that shuts the agent off, and ends.
const SANDBOX: [&str; 2] = ["# What comes over the network is read in a sandbox.", "[Install]"];

/// Whether the agent is shut off from the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sandbox {
    /// As far as it can be; systemd runs the commands outside.
    Strict,
    /// Not at all: for a systemd that does not run commands.
    None,
}

/// The unit for a program at this place, with its state elsewhere if that is wished.
pub(super) fn text(program: &Path, state_dir: Option<&Path>, sandbox: Sandbox) -> String {
    let unit = if sandbox == Sandbox::Strict { UNIT.to_owned() } else { open_unit() };
    let program = quoted(program);
    let Some(state_dir) = state_dir else { return unit.replace(USUAL_PROGRAM, &program) };
    let folder = quoted(state_dir);
    let started = unit.replace(&format!("{USUAL_PROGRAM} run"), &format!("{program} --state-dir {folder} run"));
    // the sandbox opens only the usual folders by itself
    started.replace("[Install]", &format!("ReadWritePaths={folder}\n\n[Install]"))
}

fn open_unit() -> String {
    let [begin, end] = SANDBOX.map(|mark| UNIT.find(mark).unwrap_or(UNIT.len()));
    format!("{}{}", &UNIT[..begin], &UNIT[end..])
}

/// systemd splits at spaces and knows `%` and `$`.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string().replace('%', "%%").replace('$', "$$");
    let is_plain = text.chars().all(|character| character.is_ascii_alphanumeric() || "/._-%$".contains(character));
    if is_plain { text } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_program_gets_the_packaged_unit() {
        assert_eq!(text(Path::new(USUAL_PROGRAM), None, Sandbox::Strict), UNIT);
        assert!(UNIT.contains(&format!("ExecStart={USUAL_PROGRAM} run\n")));
    }

    #[test]
    fn another_place_is_named_so_that_systemd_understands_it() {
        let unit = text(Path::new("/opt/a b/100%/agent"), Some(Path::new("/srv/state")), Sandbox::Strict);
        assert!(unit.contains("ExecStart=\"/opt/a b/100%%/agent\" --state-dir /srv/state run\n"), "{unit}");
        assert!(unit.contains("ReadWritePaths=/srv/state\n"), "{unit}");
    }

    #[test]
    fn without_a_sandbox_commands_are_the_agents_children() {
        let unit = text(Path::new(USUAL_PROGRAM), None, Sandbox::None);
        for open in
            ["GURURMM_COMMANDS", "ProtectSystem", "NoNewPrivileges", "SystemCallFilter", "CapabilityBoundingSet"]
        {
            assert!(UNIT.contains(open) && !unit.contains(open), "{open}");
        }
        for kept in ["Type=notify", "WatchdogSec=", "UMask=0077", "[Install]\nWantedBy=multi-user.target"] {
            assert!(unit.contains(kept), "{kept}");
        }
    }
}
