//! `make bench`: the simulator's measuring program against the server as it ships.

use std::path::Path;

use anyhow::Result;

use crate::{dashboard, process};

pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    dashboard::build(root)?;
    process::run(process::cargo(
        root,
        "build --release -p gururmm-server -p gururmm-agent -p gururmm-simulator --bins",
    ))?;
    let release = process::target_dir(root)?.join("release");
    let mut command = std::process::Command::new(release.join("gururmm-bench"));
    command.args(arguments).current_dir(root);
    command.env("GURURMM_BENCH_SERVER", release.join("gururmm-server"));
    command.env("GURURMM_BENCH_AGENT", release.join("gururmm-agent"));
    process::run(command)
}
