//! An agent's home: where it lives, while it runs and while it does not.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::ensure;
use tempfile::TempDir;

use super::{Process, clean, folder};

/// Folder of a real agent that is enrolled.
pub struct AgentHome {
    program: PathBuf,
    folder: TempDir,
}

impl AgentHome {
    /// Enrols the agent `program` at a server.
    pub fn enrol(program: &Path, origin: &str, site_key: &str) -> anyhow::Result<Self> {
        let home = Self { program: program.to_owned(), folder: folder()? };
        let mut command = home.command();
        command.args(["enroll", "--server", origin]).env("GURURMM_SITE_KEY", site_key).stdin(Stdio::null());
        let output = command.output()?;
        ensure!(output.status.success(), "the enrolment failed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(home)
    }

    /// Where it keeps what it knows.
    pub fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The agent without a verb.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--state-dir").arg(self.state_dir());
        clean(&mut command);
        command
    }

    /// Runs the agent.
    pub fn run(&self) -> anyhow::Result<Process> {
        let mut command = self.command();
        command.arg("run");
        Process::start(command, &self.folder.path().join("agent.log"))
    }
}
