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
        if let Some(path) = output {
            command.args(["-o", path]);
        }
        let done = command.args(["-c", sql]).output()?;
        ensure!(done.status.success(), "psql: {}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }
}
