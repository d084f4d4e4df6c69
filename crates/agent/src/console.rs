//! What a person at a terminal reads. A closed terminal is no reason to fail.

use std::io::Write as _;

use gururmm_observe::Printable;

/// One line of a command's answer.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// One line that is not part of the answer.
pub(crate) fn warn(line: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {line}");
}

/// An error with everything that caused it.
pub(crate) fn error(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "error: {}", Printable(&format!("{error:#}")));
}
