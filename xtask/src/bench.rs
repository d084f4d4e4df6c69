//! `make bench`: the simulator's measuring program against the server as it ships.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{dashboard, process};

/// Where `scripts/bootstrap.sh bench` lays what is measured beside us, below the build folder.
const YARDSTICKS: &str = "yardsticks";

pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    dashboard::build(root)?;
    process::run(process::cargo(
        root,
        "build --release -p gururmm-server -p gururmm-agent -p gururmm-simulator --bins",
    ))?;
    let target = process::target_dir(root)?;
    let release = target.join("release");
    let mut command = Command::new(release.join("gururmm-bench"));
    command.arg("--server").arg(release.join("gururmm-server")).arg("--agent").arg(release.join("gururmm-agent"));
    let exporter = target.join(YARDSTICKS).join("prometheus-node-exporter");
    if exporter.is_file() {
        command.arg("--node-exporter").arg(exporter);
    }
    command.args(arguments).current_dir(root);
    process::run(command)
}
