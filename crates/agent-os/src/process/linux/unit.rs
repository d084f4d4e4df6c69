//! Commands as units of their own: where the agent's service is shut off from the system, what it runs for an administrator must
//! not be. systemd starts each command as a transient service in `gururmm.slice`, outside the agent's sandbox, and keeps the list
//! of its processes in that unit's control group.
//!
//! The agent's unit asks for it by the variable [`SWITCH`]; without it commands are children of the agent.

use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::time::timeout;

use super::super::{COMMAND_VARIABLE, Ended, PRIVATE_VARIABLES, status};
use super::spawn;
use super::tag::{TAG_VARIABLE, Tag};

/// Set to `systemd` in the unit of the agent.
const SWITCH: &str = "GURURMM_COMMANDS";
/// Holds the units of all commands.
pub(super) const SLICE: &str = "gururmm.slice";
/// What the names of the units begin with.
const PREFIX: &str = "gururmm-command-";
const SUFFIX: &str = ".service";

/// systemd answers at once or not at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// How `systemd-run` ends when the command was killed by a signal, and when it exited so itself.
const AMBIGUOUS: i32 = 255;

/// `ExecMainCode` of a process that ended by a signal: CLD_KILLED and CLD_DUMPED of <signal.h>.
const BY_SIGNAL: [&str; 2] = ["2", "3"];

/// Properties of the units: daemons that a command leaves behind stay, as they do after a login; the umask is an
/// administrator's; one process that the kernel takes for want of memory is not the end of the others.
const PROPERTIES: [&str; 3] = ["KillMode=process", "UMask=0022", "OOMPolicy=continue"];

/// Whether the agent's service wants its commands outside.
pub(super) fn is_wanted() -> bool {
    std::env::var_os(SWITCH) == Some(OsString::from("systemd"))
}

/// The unit of one command.
#[derive(Clone, Debug)]
pub(super) struct Unit(String);

/// The name of a command's unit.
pub(super) fn name(tag: &Tag, id: &str) -> String {
    format!("{}{id}{SUFFIX}", prefix(tag))
}

/// What the names of an agent's units begin with.
pub(super) fn prefix(tag: &Tag) -> String {
    format!("{PREFIX}{tag}-")
}

/// The id in the name of a unit of this agent.
pub(super) fn id_in<'a>(name: &'a str, tag: &Tag) -> Option<&'a str> {
    name.strip_prefix(&prefix(tag))?.strip_suffix(SUFFIX)
}

impl Unit {
    pub(super) fn of(tag: &Tag, id: &str) -> Self {
        Self(name(tag, id))
    }

    /// The command line that starts the unit and ends with it.
    pub(super) fn command(&self, tag: &Tag, id: &str, text: &str) -> Command {
        let mut run = Command::new("systemd-run");
        run.args(["--quiet", "--pipe", "--wait"]).arg(format!("--slice={SLICE}")).arg(format!("--unit={}", self.0));
        // instead of the command's text, which is nobody's business in the journal
        run.arg(format!("--description=GuruRMM command {id}"));
        run.args(PROPERTIES.map(|property| format!("--property={property}")));
        let variables = [(COMMAND_VARIABLE, id.to_owned()), (TAG_VARIABLE, tag.to_string())];
        for (name, value) in spawn::account().into_iter().chain(variables) {
            run.arg(format!("--setenv={name}={value}"));
        }
        run.args(["--", "/bin/sh", "-c", "--", &unexpanded(text)]);
        for variable in PRIVATE_VARIABLES {
            run.env_remove(variable);
        }
        run.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        run
    }

    /// How the command ended, from how `systemd-run` did.
    pub(super) async fn ended(&self, exit: ExitStatus) -> Ended {
        let ended = status::ended(exit);
        if ended == Ended::Code(0) {
            return ended;
        }
        let signal = if ended == Ended::Code(AMBIGUOUS) { self.signal().await } else { None };
        // systemd keeps units that failed for somebody to look at; this one's end is in the command's result
        self.systemctl(&["reset-failed"]).await;
        signal.map_or(ended, Ended::Signal)
    }

    async fn signal(&self) -> Option<i32> {
        let text = self.systemctl(&["show", "--property=ExecMainCode", "--property=ExecMainStatus"]).await?;
        signal_in(&text)
    }

    /// Ends the unit and all its processes, also when it is only about to start.
    pub(super) async fn kill(&self, systemd_run: Option<u32>) {
        if let Some(pid) = systemd_run {
            let _ = kill(Pid::from_raw(pid as i32), Signal::SIGKILL);
        }
        self.systemctl(&["kill", "--signal=SIGKILL"]).await;
        self.systemctl(&["stop"]).await;
        self.systemctl(&["reset-failed"]).await;
    }

    /// What systemd answers; a unit that is gone is no failure to anybody.
    async fn systemctl(&self, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new("systemctl");
        command.args(arguments).arg(&self.0).stdin(Stdio::null()).kill_on_drop(true);
        match timeout(PATIENCE, command.output()).await {
            Ok(Ok(output)) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "systemctl cannot be run");
                None
            }
            Err(_) => {
                tracing::warn!(unit = self.0, "systemd does not answer");
                None
            }
        }
    }
}

/// systemd replaces variables in a command line, and takes two signs for one.
fn unexpanded(text: &str) -> String {
    text.replace('$', "$$")
}

fn signal_in(properties: &str) -> Option<i32> {
    let value = |name: &str| properties.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    BY_SIGNAL.contains(&value("ExecMainCode")?).then(|| value("ExecMainStatus")?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_command_is_in_the_name_of_its_unit() {
        let folder = tempfile::tempdir().unwrap();
        let tag = Tag::of(folder.path());
        let other = Tag::of(std::path::Path::new("/somewhere/else"));
        assert_eq!(id_in(&name(&tag, "0195-ab"), &tag), Some("0195-ab"));
        assert_eq!(id_in(&name(&other, "0195-ab"), &tag), None);
        assert_eq!(id_in("dbus.service", &tag), None);
    }

    #[test]
    fn a_text_reaches_the_shell_as_it_is() {
        assert_eq!(unexpanded("echo $HOME $$ ${x} 100%"), "echo $$HOME $$$$ $${x} 100%");
    }

    #[test]
    fn a_signal_is_told_from_an_exit_code() {
        assert_eq!(signal_in("ExecMainCode=2\nExecMainStatus=9\n"), Some(9));
        assert_eq!(signal_in("ExecMainStatus=11\nExecMainCode=3\n"), Some(11));
        assert_eq!(signal_in("ExecMainCode=1\nExecMainStatus=255\n"), None);
        assert_eq!(signal_in(""), None);
    }
}
