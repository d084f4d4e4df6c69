//! Service managers that are spoken to by their program.

use std::path::Path;
use std::process::{Command, Stdio};

use super::ServiceError;

/// Runs the manager's program; what it says on standard error is the reason when it fails.
pub(super) fn run(action: &'static str, program: &str, arguments: &[&str]) -> Result<String, ServiceError> {
    let refused = |reason: String| ServiceError::Refused { action, reason };
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| refused(format!("{program} could not be started: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(refused(if said.is_empty() { format!("{program} ended with {}", output.status) } else { said }))
}

/// Replaces a file that everybody may read.
pub(super) fn write(path: &Path, text: &str) -> Result<(), ServiceError> {
    const MODE: u32 = 0o644;
    gururmm_fsx::write_atomically(path, text.as_bytes(), MODE)
        .map_err(|error| ServiceError::File { path: path.to_owned(), source: error.kind().into() })
}

/// Removes a file; `false` when there was none.
pub(super) fn remove(path: &Path) -> Result<bool, ServiceError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(ServiceError::File { path: path.to_owned(), source }),
    }
}
