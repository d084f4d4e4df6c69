//! A host: this program in the session of a person, where it starts one command and ends as that does.
//!
//! Where the system starts nothing in a person's session for another program, as systemd does, the agent starts itself there. What it is to start
//! comes to it by a pipe, so that nobody reads it who may list processes; its text is a file of the person while it runs.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};

use serde::{Deserialize, Serialize};

use super::platform;
use super::prepare::Prepared;
use crate::interpreter::Launch;

/// How this program is told that it is a host.
pub(super) const VERB: &str = "session-host";
/// What a host ends with that could not start its command, as shells do.
const NOT_STARTED: i32 = 126;

/// What a host is told, as a line of JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    id: String,
    pub(super) launch: Launch,
}

impl Request {
    /// It as a line.
    pub(super) fn line(id: &str, launch: &Launch) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(&Self { id: id.to_owned(), launch: launch.clone() })?;
        line.push(b'\n');
        Ok(line)
    }

    /// From a line.
    pub(super) fn read(line: &str) -> io::Result<Self> {
        Ok(serde_json::from_str(line)?)
    }

    /// Runs the command to its end, with a file in this folder for its text.
    pub(super) fn run(
        self,
        folder: &Path,
        (stdout, stderr): (Stdio, Stdio),
        began: impl FnOnce(&Child) -> io::Result<()>,
    ) -> io::Result<ExitStatus> {
        let Prepared { mut program, script: _script } = platform::prepared(&self.launch, folder, &self.id)?;
        program.envs(&self.launch.environment).stdout(stdout).stderr(stderr);
        let mut child = program.as_std_mut().spawn()?;
        if let Err(error) = began(&child) {
            child.kill()?;
            return Err(error);
        }
        child.wait()
    }
}

/// What this program was started with as a host; none when it is none.
pub(super) fn argument() -> Option<String> {
    let mut arguments = std::env::args_os().skip(1);
    (arguments.next()? == VERB).then(|| arguments.next()?.into_string().ok()).flatten()
}

/// The code with which a host ends whose command ended so; what went wrong is written for whoever reads the command's errors.
pub(super) fn code(run: io::Result<ExitStatus>, mut errors: impl Write) -> i32 {
    match run.map(platform::code_of) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(errors, "the command could not be started: {error}");
            NOT_STARTED
        }
    }
}
