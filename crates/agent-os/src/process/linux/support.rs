//! Whether this systemd runs commands as units: asked once, by trying.

use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::Unsupported;

/// `systemd-run --pipe` and `--wait` together, of which the later is the former's.
const VERSION_MIN: u32 = 236;
const OOM_POLICY_SINCE: u32 = 243;
/// `LoadCredential=`.
const CREDENTIALS_SINCE: u32 = 247;

/// A systemd that runs commands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Systemd {
    version: u32,
}

impl Systemd {
    /// Tries it, the first time.
    pub(crate) fn probe() -> Result<Self, Unsupported> {
        static FOUND: OnceLock<Result<Systemd, String>> = OnceLock::new();
        FOUND.get_or_init(probe).clone().map_err(Unsupported::because)
    }

    /// Whether it can hand a private file to another account.
    pub(crate) fn knows_credentials(self) -> Result<(), Unsupported> {
        if self.version >= CREDENTIALS_SINCE {
            return Ok(());
        }
        Err(Unsupported::because(format!(
            "systemd {} is older than {CREDENTIALS_SINCE}, from which on it hands a private file to another account",
            self.version
        )))
    }

    pub(super) fn knows_oom_policy(self) -> bool {
        self.version >= OOM_POLICY_SINCE
    }
}

fn probe() -> Result<Systemd, String> {
    let said = output(Command::new("systemd-run").arg("--version"))?;
    let version = version_in(&said).ok_or("systemd-run does not tell its version")?;
    if version < VERSION_MIN {
        return Err(format!(
            "systemd {version} is older than {VERSION_MIN}, from which on it runs commands outside a service"
        ));
    }
    let trial = ["--quiet", "--pipe", "--wait", "--property=Type=oneshot", "--", "/bin/sh", "-c", "exit 0"];
    output(Command::new("systemd-run").args(trial))?;
    Ok(Systemd { version })
}

/// What a program prints; its complaint when it fails.
fn output(command: &mut Command) -> Result<String, String> {
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("systemd-run cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().next().map_or_else(|| output.status.to_string(), str::to_owned);
    Err(format!("systemd does not run commands for this program: {reason}"))
}

/// `systemd 252 (252.39-1~deb12u1)`.
fn version_in(said: &str) -> Option<u32> {
    let number = said.split_whitespace().nth(1)?;
    number.split(|digit: char| !digit.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_as_distributions_write_it() {
        assert_eq!(version_in("systemd 252 (252.39-1~deb12u1)\n+PAM +AUDIT"), Some(252));
        assert_eq!(version_in("systemd 219\n+PAM"), Some(219));
        assert_eq!(version_in("systemd 257.2-1.fc42"), Some(257));
        assert_eq!(version_in("no such thing"), None);
        assert!(Systemd { version: 252 }.knows_oom_policy() && !Systemd { version: 239 }.knows_oom_policy());
    }

    #[test]
    fn the_complaint_of_a_program_is_the_reason() {
        let reason = output(Command::new("sh").args(["-c", "echo Failed to connect to bus >&2; exit 1"])).unwrap_err();
        assert!(reason.ends_with("Failed to connect to bus"), "{reason}");
        assert!(output(&mut Command::new("/nowhere/systemd-run")).unwrap_err().contains("cannot be started"));
    }
}
