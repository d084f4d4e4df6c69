//! From the start of the server to `/readyz`, on a database that exists.
//!
//! Yardstick: `pg_ctl start` of a bare cluster on the same disk. Both as an ordinary start: the database was stopped cleanly before.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, ensure};

use crate::Arguments;
use crate::processes::{folder, free_port, ready, start_server};
use crate::report::{Report, Rounds};

const ROUNDS: usize = 3;

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let folder = folder()?;
    let (data, port) = (folder.path().join("data"), free_port()?);
    let origin = format!("http://127.0.0.1:{port}");
    let first = start_server(&arguments.server, &data, port)?;
    ready(&origin).await?;
    drop(first);
    let mut ours = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let server = start_server(&arguments.server, &data, port)?;
        ready(&origin).await?;
        ours.push(began.elapsed().as_secs_f64() * 1e3);
        drop(server);
    }
    let bare = bare(&folder.path().join("bare"))?;
    report.add(
        "server ready, existing embedded database",
        &Rounds(ours),
        "ms",
        ("bare PostgreSQL", &Rounds(bare)),
        Some(2000.0),
    );
    Ok(())
}

fn bare(data: &Path) -> anyhow::Result<Vec<f64>> {
    let programs = PathBuf::from("/usr/lib/postgresql");
    let version =
        std::fs::read_dir(&programs)?.filter_map(|entry| Some(entry.ok()?.path())).max().context("no PostgreSQL")?;
    let run = |program: &str, arguments: &[&str]| -> anyhow::Result<()> {
        let program = version.join("bin").join(program);
        let mut command = if nix::unistd::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let output = command
            .args(arguments)
            .current_dir("/")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .status()?;
        ensure!(output.success(), "{command:?} failed");
        Ok(())
    };
    std::fs::create_dir(data)?;
    if nix::unistd::geteuid().is_root() {
        let user = nix::unistd::User::from_name("postgres")?.context("no user postgres")?;
        std::os::unix::fs::chown(data, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
    }
    let data = data.to_string_lossy();
    run("initdb", &["-D", &data, "--auth=trust", "--no-sync"])?;
    let options = format!("-c listen_addresses='' -c unix_socket_directories='{data}'");
    let log = format!("{data}/log");
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        run("pg_ctl", &["-D", &data, "-l", &log, "-o", &options, "-w", "start"])?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        run("pg_ctl", &["-D", &data, "-m", "fast", "-w", "stop"])?;
    }
    Ok(times)
}
