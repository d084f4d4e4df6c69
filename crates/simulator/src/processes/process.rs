//! A child process that does not outlive its value.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const STOP_PATIENCE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(20);
/// Lines of its console that an error shows.
const LAST_LINES: usize = 12;

/// A running program; dropped, it is asked to end, and made to when it does not.
pub struct Process {
    child: Child,
    console: PathBuf,
}

impl Process {
    /// Starts a command; what it prints is added to the file `console`.
    pub fn start(mut command: Command, console: &Path) -> anyhow::Result<Self> {
        let output = File::options().create(true).append(true).open(console)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { child, console: console.to_owned() })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error with its last words once it has ended.
    pub fn require_running(&mut self) -> anyhow::Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let printed = std::fs::read_to_string(&self.console).unwrap_or_default();
        let lines: Vec<&str> = printed.lines().collect();
        bail!("it ended ({status}) and had printed:\n{}", lines[lines.len().saturating_sub(LAST_LINES)..].join("\n"))
    }

    /// `kill -9`: no warning, no cleaning up.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.has_ended() {
            return;
        }
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM).ok();
        let deadline = Instant::now() + STOP_PATIENCE;
        while !self.has_ended() {
            if Instant::now() > deadline {
                self.child.kill().ok();
                self.child.wait().ok();
                return;
            }
            thread::sleep(POLL);
        }
    }
}

/// Takes away what the caller's environment would tell a program under test.
pub fn clean(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(reaches_in) {
            command.env_remove(name);
        }
    }
    command
}

fn reaches_in(variable: &str) -> bool {
    variable.starts_with("GURURMM_")
        || variable.starts_with("PG")
        || ["DATABASE_URL", "NOTIFY_SOCKET"].contains(&variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_machine_do_not_reach_a_program_under_test() {
        for name in ["GURURMM_DATABASE_URL", "GURURMM_LOG", "PGHOST", "DATABASE_URL", "NOTIFY_SOCKET"] {
            assert!(reaches_in(name), "{name}");
        }
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH", "MY_DATABASE_URL"] {
            assert!(!reaches_in(name), "{name}");
        }
    }

    #[test]
    fn one_that_ended_is_reported_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo the port is taken >&2; exit 3"]);
        let mut process = Process::start(command, &folder.path().join("console")).unwrap();
        process.child.wait().unwrap();
        let error = process.require_running().unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.contains("the port is taken"), "{error}");
    }
}
