//! A command of an interpreter that reads a file, or its standard input.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::script::Script;
use crate::interpreter::{Form, Launch, Reads};

/// A program that can be started, and the file that it reads.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) program: Command,
    /// Must stay as long as the program runs.
    pub(super) script: Option<Script>,
}

impl Launch {
    /// Writes the text into a private file in `folder`. A text for the shell's line needs none where the shell is told it.
    pub(super) fn prepare(&self, folder: &Path, id: &str) -> io::Result<Prepared> {
        let mut program = Command::new(&self.interpreter.program);
        program.args(&self.interpreter.options).stdin(Stdio::null());
        let write = |form: Form| {
            Script::write(folder, &format!("{id}.{}", form.suffix), &self.file_text(form)).map_err(io::Error::other)
        };
        let script = match self.interpreter.reads {
            Reads::Line => {
                // a text that begins with a dash is no option; what is behind it is `$0`
                program.args(["-c", "--", &self.text, "sh"]);
                None
            }
            Reads::File(form) => {
                let script = write(form)?;
                program.arg(script.path());
                Some(script)
            }
            Reads::Input => {
                let script = write(Form { suffix: "txt", ..Form::default() })?;
                program.stdin(File::open(script.path())?);
                Some(script)
            }
        };
        program.args(&self.arguments);
        Ok(Prepared { program, script })
    }
}
