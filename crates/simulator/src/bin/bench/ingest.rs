//! Measurements from the socket to the committed row, with many machines that have a past to tell, as fast as they may.
//!
//! Yardstick: `psql` with COPY of exactly the rows that were stored, into a table with the same indexes.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use gururmm_embedded_postgres::{Binaries, DATABASE, OWNER};
use gururmm_simulator::fleet::Fleet;
use gururmm_simulator::processes::clean;
use gururmm_simulator::processes::usage::cpu_seconds;

use crate::ROUNDS;
use crate::crowd::Crowd;
use crate::report::{Budget, Line, Report, Rounds, Yardstick};

const RAMP: Duration = Duration::from_secs(10);
/// Until every machine is telling.
const WARM_UP: Duration = Duration::from_secs(5);
const ROUND: Duration = Duration::from_secs(10);
const PAST: Duration = Duration::from_hours(24 * 25);
const ROWS: u32 = 100_000;

pub(crate) async fn measure(crowd: &mut Crowd, report: &mut Report) -> anyhow::Result<()> {
    let count = crowd.half();
    let identities = crowd.enrol(count).await?;
    let fleet = Fleet::start(&crowd.options(RAMP, PAST), identities);
    crowd.all_online(&fleet, count).await?;
    tokio::time::sleep(WARM_UP).await;
    let (mut rate, mut cost) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        let (began, before) = (Instant::now(), fleet.ledger.summary().acknowledged);
        let cpu = cpu_seconds(crowd.pid())?;
        tokio::time::sleep(ROUND).await;
        let stored = (fleet.ledger.summary().acknowledged - before) as f64;
        rate.0.push(stored / began.elapsed().as_secs_f64());
        cost.0.push((cpu_seconds(crowd.pid())? - cpu) * 1e6 / stored.max(1.0));
    }
    drop(fleet);
    let copied = copy(crowd)?;
    report.add(Line {
        what: "measurements, socket to committed row",
        unit: "/s",
        figure: rate,
        yardstick: Some(Yardstick { name: "psql COPY of the same rows", figure: copied }),
        budget: Some(Budget::AtLeast(10_000.0)),
        reference: "—",
    });
    report.add(Line {
        what: "server CPU for each measurement, without the database",
        unit: "µs",
        figure: cost,
        yardstick: None,
        budget: None,
        reference: "—",
    });
    Ok(())
}

/// Rows each second by COPY, into a table as the stored ones are in.
fn copy(crowd: &Crowd) -> anyhow::Result<Rounds> {
    let file = crowd.home.folder().join("rows.copy");
    let file = file.display();
    let psql = Psql::of(crowd)?;
    psql.run(&format!("copy (select * from metrics limit {ROWS}) to stdout"), Some(&file.to_string()))?;
    psql.run("create table yardstick (like metrics including all); create unique index on yardstick (agent_id, recorded_at); create index on yardstick using brin (recorded_at)", None)?;
    let mut rates = Rounds::default();
    for _ in 0..ROUNDS {
        psql.run("truncate yardstick", None)?;
        let began = Instant::now();
        psql.run(&format!("\\copy yardstick from '{file}'"), None)?;
        rates.0.push(f64::from(ROWS) / began.elapsed().as_secs_f64());
    }
    Ok(rates)
}

/// The database's own client on the server's database.
struct Psql {
    program: PathBuf,
    socket: String,
}

impl Psql {
    fn of(crowd: &Crowd) -> anyhow::Result<Self> {
        let pid_file = crowd.home.data_dir().join("postgres/postmaster.pid");
        let text = std::fs::read_to_string(&pid_file).with_context(|| format!("no {}", pid_file.display()))?;
        // the fifth line names the folder of the socket
        let socket = text.lines().nth(4).context("the database has no socket")?.to_owned();
        Ok(Self { program: Binaries::find()?.folder().join("psql"), socket })
    }

    fn run(&self, sql: &str, output: Option<&str>) -> anyhow::Result<()> {
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
