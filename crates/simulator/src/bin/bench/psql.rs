//! What a measurement needs from the database itself: rows as they were stored, rows of a year that nobody waits for.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};
use gururmm_embedded_postgres::{Binaries, DATABASE, OWNER};
use gururmm_simulator::processes::{ServerHome, clean};

/// The database's own client on the server's database.
pub(crate) struct Psql {
    program: PathBuf,
    socket: String,
}

impl Psql {
    pub(crate) fn of(home: &ServerHome) -> anyhow::Result<Self> {
        let pid_file = home.data_dir().join("postgres/postmaster.pid");
        let text = std::fs::read_to_string(&pid_file).with_context(|| format!("no {}", pid_file.display()))?;
        // the fifth line names the folder of the socket
        let socket = text.lines().nth(4).context("the database has no socket")?.to_owned();
        Ok(Self { program: Binaries::find()?.folder().join("psql"), socket })
    }

    pub(crate) fn run(&self, sql: &str, output: Option<&str>) -> anyhow::Result<()> {
        let mut command = self.command();
        if let Some(path) = output {
            command.args(["-o", path]);
        }
        done(command.args(["-c", sql])).map(drop)
    }

    /// How long the same question takes, milliseconds, asked so many times on one connection.
    pub(crate) fn times(&self, sql: &str, count: usize) -> anyhow::Result<Vec<f64>> {
        let mut command = self.command();
        command.args(["-o", "/dev/null", "-c", "\\timing on"]);
        for _ in 0..count {
            command.args(["-c", sql]);
        }
        let printed = done(&mut command)?;
        let times = printed.lines().filter_map(|line| line.strip_prefix("Time: ")?.split(' ').next()?.parse().ok());
        let times: Vec<f64> = times.collect();
        ensure!(times.len() == count, "psql told {} times of {count}: {printed}", times.len());
        Ok(times)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        clean(&mut command).args([
            "-h",
            &self.socket,
            "-U",
            OWNER,
            "-d",
            DATABASE,
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
        ]);
        command
    }
}

/// What it printed, when all went well.
fn done(command: &mut Command) -> anyhow::Result<String> {
    let done = command.output()?;
    ensure!(done.status.success(), "psql: {}", String::from_utf8_lossy(&done.stderr));
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
