//! Commands as units of their own: where the agent's service is shut off from the system, what it runs for an administrator must
//! not be. systemd starts each command as a transient service in `gururmm.slice`, outside the agent's sandbox, and keeps the list
//! of its processes in that unit's control group.
//!
//! A command's text reaches its shell in a private file and not on a command line, which everybody may read, also in what systemd
//! tells of its units. The agent's unit asks for all this by the variable [`SWITCH`]; without it commands are children of the agent.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use super::super::prepare::Prepared;
use super::super::script::Script;
use super::super::{COMMAND_VARIABLE, Ended, PRIVATE_VARIABLES, status};
use super::spawn;
use super::support::Systemd;
use super::tag::{TAG_VARIABLE, Tag};
use crate::interpreter::{Form, Interpreter, Launch, Reads};

/// Set to `systemd` in the unit of the agent.
const SWITCH: &str = "GURURMM_COMMANDS";
/// Where a service's files for the time of its run are: systemd makes the folder, names it so, and removes it.
const RUNTIME_FOLDER: &str = "RUNTIME_DIRECTORY";
/// Holds the units of all commands.
pub(super) const SLICE: &str = "gururmm.slice";
/// What the names of the units begin with.
const PREFIX: &str = "gururmm-command-";
const SUFFIX: &str = ".service";

/// The name of a text that is another account's to read.
const LENT: &str = "text";

/// systemd answers at once or not at all.
const PATIENCE: Duration = Duration::from_secs(10);
/// `systemd-run` may end a moment before systemd has written down how its unit did.
const SETTLES_WITHIN: u32 = 20;
const SETTLE_POLL: Duration = Duration::from_millis(100);

/// What is asked of a unit about its end.
const END: &str = "--property=ActiveState,ExecMainCode,ExecMainStatus";

/// `ExecMainCode`: CLD_EXITED, CLD_KILLED and CLD_DUMPED of <signal.h>.
const BY_ITSELF: &str = "1";
const BY_SIGNAL: [&str; 2] = ["2", "3"];

/// Properties of the units: of a `oneshot` every signal is a failure, which for other types TERM and three more are not; daemons that
/// a command leaves behind stay, as they do after a login; the umask and what a closed pipe does are an administrator's.
const PROPERTIES: [&str; 4] = ["Type=oneshot", "KillMode=process", "UMask=0022", "IgnoreSIGPIPE=no"];
/// One process that the kernel takes for want of memory is not the end of the others.
const OOM_POLICY: &str = "OOMPolicy=continue";

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

    /// The command line that starts the unit and ends with it, and the files that it needs as long.
    pub(super) fn command(
        &self,
        tag: &Tag,
        id: &str,
        launch: &Launch,
        folder: &Path,
    ) -> io::Result<(Command, Vec<Script>)> {
        let systemd = Systemd::probe().map_err(io::Error::other)?;
        // what a shell is told stands in its own list of arguments, which everybody reads: it gets a file here
        let reads = match launch.interpreter.reads {
            Reads::Line => Reads::File(Form { suffix: "sh", ..Form::default() }),
            reads => reads,
        };
        let launch = Launch { interpreter: Interpreter { reads, ..launch.interpreter.clone() }, ..launch.clone() };
        let Prepared { program, script } = launch.prepare(folder, id)?;
        let told = launch.person.as_ref().map(|person| person.environment.clone()).unwrap_or_default();
        let environment = environment_file(told.into_iter().chain(launch.environment.clone()).collect(), folder, id)?;
        let mut run = Command::new("systemd-run");
        run.args(["--quiet", "--pipe", "--wait"]).arg(format!("--slice={SLICE}")).arg(format!("--unit={}", self.0));
        run.arg(format!("--description=GuruRMM command {id}"));
        let oom_policy = systemd.knows_oom_policy().then_some(OOM_POLICY);
        run.args(PROPERTIES.into_iter().chain(oom_policy).map(|property| format!("--property={property}")));
        if let Some(file) = &environment {
            run.arg(format!("--property=EnvironmentFile={}", file.path().display()));
        }
        let variables = [(COMMAND_VARIABLE, id.to_owned()), (TAG_VARIABLE, tag.to_string())];
        for (name, value) in spawn::account().into_iter().filter(|_| launch.person.is_none()).chain(variables) {
            run.arg(format!("--setenv={name}={value}"));
        }
        if let Some(person) = &launch.person {
            run.arg(format!("--uid={}", person.uid));
            run.arg(format!("--working-directory={}", person.home.display()));
        }
        let own = script.as_ref().filter(|_| launch.person.is_some() && matches!(reads, Reads::File(_)));
        let lent = own.map(|script| self.lend(&mut run, script));
        run.arg("--").arg(program.as_std().get_program());
        for argument in program.as_std().get_args() {
            let is_script = script.as_ref().is_some_and(|script| argument == script.path().as_os_str());
            match lent.as_ref().filter(|_| is_script) {
                Some(lent) => run.arg(lent),
                None => run.arg(literal(argument)),
            };
        }
        for variable in PRIVATE_VARIABLES {
            run.env_remove(variable);
        }
        run.stdin(match (reads, &script) {
            (Reads::Input, Some(script)) => File::open(script.path())?.into(),
            _ => Stdio::null(),
        });
        run.stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok((run, script.into_iter().chain(environment).collect()))
    }

    /// Lets systemd hand a private file to the account of the unit; says where the unit finds it.
    fn lend(&self, run: &mut Command, script: &Script) -> PathBuf {
        run.arg(format!("--property=LoadCredential={LENT}:{}", script.path().display()));
        Path::new("/run/credentials").join(&self.0).join(LENT)
    }

    /// How the command ended, from how `systemd-run` did.
    pub(super) async fn ended(&self, exit: ExitStatus) -> Ended {
        if exit.success() {
            return self.really_ended().await;
        }
        let ended = self.settled().await;
        // systemd keeps units that failed for somebody to look at; this one's end is in the command's result
        self.systemctl(&["reset-failed"]).await;
        ended.unwrap_or_else(|| status::ended(exit))
    }

    /// How the unit ended that has ended well by the word of `systemd-run`: that says so, too, when the system goes down and systemd with it. A
    /// unit that did end well is forgotten, or a moment from it.
    async fn really_ended(&self) -> Ended {
        let cut_off = Ended::Signal(Signal::SIGTERM as i32);
        match self.systemctl(&["show", END]).await {
            Some(shown) if is_active(&shown) => self.settled().await.unwrap_or(cut_off),
            Some(shown) if value(&shown, "ActiveState").is_some() => ended_in(&shown).unwrap_or(Ended::Code(0)),
            // nobody can be asked any more
            _ => cut_off,
        }
    }

    /// What systemd says of the unit's end; nothing when it does not know the unit. One that goes on without its `systemd-run` has
    /// nobody who could stop it any more, and is ended.
    async fn settled(&self) -> Option<Ended> {
        for _ in 0..SETTLES_WITHIN {
            let shown = self.systemctl(&["show", END]).await?;
            if !is_active(&shown) {
                return ended_in(&shown);
            }
            sleep(SETTLE_POLL).await;
        }
        tracing::warn!(unit = self.0, "systemd-run ended before its command, which is ended too");
        self.kill(None).await;
        Some(Ended::Signal(Signal::SIGKILL as i32))
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

/// Variables of a command, as systemd reads them from a file: of its command line everybody may read, also in what systemd tells of its
/// units.
fn environment_file(environment: BTreeMap<String, String>, folder: &Path, id: &str) -> io::Result<Option<Script>> {
    if environment.is_empty() {
        return Ok(None);
    }
    let lines: Vec<String> =
        environment.iter().map(|(name, value)| format!("{name}=\"{}\"\n", quoted(value))).collect();
    let text = lines.concat();
    Script::write(folder, &format!("{id}.env"), &text).map(Some).map_err(io::Error::other)
}

/// systemd puts the values of variables into arguments, but for a doubled dollar sign.
fn literal(argument: &OsStr) -> OsString {
    let bytes = argument.as_bytes().iter().flat_map(|byte| {
        let times = if *byte == b'$' { 2 } else { 1 };
        std::iter::repeat_n(*byte, times)
    });
    OsString::from_vec(bytes.collect())
}

/// Between double quotes systemd takes everything as it is, but for these four, which a backslash makes so.
fn quoted(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len());
    for character in value.chars() {
        if matches!(character, '"' | '\\' | '`' | '$') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

/// Where the texts of commands are while they run: a file system in memory, which also works when the disk is full.
pub(super) fn scripts_folder(state_dir: &Path) -> PathBuf {
    let named = std::env::var_os(RUNTIME_FOLDER).filter(|folder| !folder.is_empty());
    named.map_or_else(|| state_dir.to_owned(), PathBuf::from)
}

/// Forgets the ends of units that failed while no agent was there to ask. Nothing when there are none.
pub(super) async fn forget_ends(tag: &Tag) {
    Unit(format!("{}*", prefix(tag))).systemctl(&["reset-failed"]).await;
}

fn value<'a>(shown: &'a str, name: &str) -> Option<&'a str> {
    shown.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
}

fn is_active(shown: &str) -> bool {
    matches!(value(shown, "ActiveState"), Some("active" | "activating" | "deactivating" | "reloading"))
}

fn ended_in(shown: &str) -> Option<Ended> {
    let status = value(shown, "ExecMainStatus")?.parse().ok()?;
    match value(shown, "ExecMainCode")? {
        BY_ITSELF => Some(Ended::Code(status)),
        code if BY_SIGNAL.contains(&code) => Some(Ended::Signal(status)),
        _ => None,
    }
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
    fn what_systemd_would_read_is_marked() {
        assert_eq!(literal(OsStr::new("$HOME ${A} %h $$")), "$$HOME $${A} %h $$$$");
        assert_eq!(quoted("a \"b\" `c` $d \\ 'e'\n"), "a \\\"b\\\" \\`c\\` \\$d \\\\ 'e'\n");
    }

    #[test]
    fn a_signal_is_told_from_an_exit_code() {
        let shown = |code, status| format!("ActiveState=failed\nExecMainCode={code}\nExecMainStatus={status}\n");
        assert_eq!(ended_in(&shown(2, 9)), Some(Ended::Signal(9)));
        assert_eq!(ended_in(&shown(3, 11)), Some(Ended::Signal(11)));
        assert_eq!(ended_in(&shown(1, 255)), Some(Ended::Code(255)));
        assert_eq!(ended_in(&shown(0, 0)), None, "it never began");
        assert_eq!(ended_in(""), None);
    }
}
