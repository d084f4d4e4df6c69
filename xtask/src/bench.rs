//! `make bench`: the simulator's measuring program against the server and the agent as they ship.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{dashboard, dist, process};

/// Where `scripts/bootstrap.sh bench` lays what is measured beside us, below the build folder.
const YARDSTICKS: &str = "yardsticks";

pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    dashboard::build(root)?;
    process::release(root)?;
    let agent = dist::for_this_machine(root)?;
    let target = process::target_dir(root)?;
    let release = target.join("release");
    let mut command = Command::new(release.join("gururmm-bench"));
    command.arg("--server").arg(release.join("gururmm-server")).arg("--agent").arg(agent);
    for (option, name) in [("--node-exporter", "prometheus-node-exporter"), ("--nats-server", "nats-server")] {
        let yardstick = target.join(YARDSTICKS).join(name);
        if yardstick.is_file() {
            command.arg(option).arg(yardstick);
        }
    }
    command.args(arguments).current_dir(root);
    process::run(command)
}
