//! `make demo` and `make soak`: the server as it ships, with simulated machines.

use std::{os::unix::process::CommandExt as _, path::Path, process::Command};

use anyhow::{Context as _, Result};

use crate::{dashboard, process};

/// Builds everything and becomes `program` of the simulator.
pub(crate) fn become_program(root: &Path, program: &str, arguments: &[String]) -> Result<()> {
    dashboard::build(root)?;
    process::release(root)?;
    let release = process::target_dir(root)?.join("release");
    let mut command = Command::new(release.join(program));
    command.arg("--server").arg(release.join("gururmm-server")).args(arguments);
    // in our place: Ctrl-C reaches it, and nobody waits in between
    Err(command.exec()).with_context(|| format!("{program} could not be started"))
}
