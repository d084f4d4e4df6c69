//! `make demo`: the server as it ships, with simulated machines.

use std::{os::unix::process::CommandExt as _, path::Path, process::Command};

use anyhow::{Context as _, Result};

use crate::{dashboard, process};

pub(crate) fn demo(root: &Path, arguments: &[String]) -> Result<()> {
    dashboard::build(root)?;
    process::step("server and simulated machines: release build", || {
        // apart: what one package wishes of a library would make cargo build it, and all that uses it, once more for all
        process::run(process::cargo(root, "build --release -p gururmm-server -p gururmm-agent"))?;
        process::run(process::cargo(root, "build --release -p gururmm-simulator --bins"))
    })?;
    let release = process::target_dir(root)?.join("release");
    let mut command = Command::new(release.join("gururmm-demo"));
    command.arg("--server").arg(release.join("gururmm-server")).args(arguments);
    // in our place: Ctrl-C reaches it, and nobody waits in between
    Err(command.exec()).context("the demonstration could not be started")
}
