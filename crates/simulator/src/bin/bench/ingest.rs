//! Measurements from the socket to the committed row, with many machines that were cut off for minutes, measured each second
//! meanwhile and now tell it as fast as they may.
//!
//! Yardstick: `psql` with COPY of exactly the rows that were stored, process lists included, into tables with the same indexes.

use std::time::{Duration, Instant};

use gururmm_simulator::fleet::{Fleet, Options};
use gururmm_simulator::processes::usage::cpu_seconds;

use crate::ROUNDS;
use crate::crowd::Crowd;
use crate::psql::Psql;
use crate::report::{Budget, Line, Report, Rounds, Yardstick};

const RAMP: Duration = Duration::from_secs(10);
/// Nothing is told before all are there.
const ARRIVAL: Duration = Duration::from_secs(25);
/// Until every machine is telling.
const WARM_UP: Duration = Duration::from_secs(5);
const ROUND: Duration = Duration::from_secs(10);
/// More than can be stored meanwhile.
const PAST: Duration = Duration::from_mins(10);
const STEP: Duration = Duration::from_secs(1);
const ROWS: u32 = 100_000;
/// What `like` does not take over of `agent_processes`.
const LISTS_STORED_AS: &str = "with (fillfactor = 70, toast_tuple_target = 8160)";

pub(crate) async fn measure(crowd: &mut Crowd, report: &mut Report) -> anyhow::Result<()> {
    let count = crowd.half();
    let identities = crowd.enrol(count).await?;
    let options = Options { back_fill_step: Some(STEP), back_fill_after: ARRIVAL, ..crowd.options(RAMP, PAST) };
    let told_from = Instant::now() + ARRIVAL;
    let fleet = Fleet::start(&options, identities);
    crowd.all_online(&fleet, count).await?;
    tokio::time::sleep_until((told_from + WARM_UP).into()).await;
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

/// Measurements each second by COPY, into tables as the stored rows are in: of the measurements, and of the process lists that came with
/// them, of which each machine's newest is kept.
fn copy(crowd: &Crowd) -> anyhow::Result<Rounds> {
    let psql = Psql::of(&crowd.home)?;
    // as many of the lists as belong to so many of the measurements
    let lists = format!("limit {ROWS} * (select count(*) from agent_processes) / (select count(*) from metrics)");
    let tables = [
        ("metrics", "", format!("select * from metrics limit {ROWS}")),
        ("agent_processes", LISTS_STORED_AS, format!("select * from agent_processes {lists}")),
    ];
    let file = |table: &str| crowd.home.folder().join(format!("{table}.copy")).display().to_string();
    for (table, stored_as, rows) in &tables {
        psql.run(&format!("copy ({rows}) to stdout"), Some(&file(table)))?;
        psql.run(&format!("create table {table}_yardstick (like {table} including all) {stored_as}"), None)?;
    }
    let mut rates = Rounds::default();
    for _ in 0..ROUNDS {
        psql.run("truncate metrics_yardstick, agent_processes_yardstick", None)?;
        let began = Instant::now();
        for (table, ..) in &tables {
            psql.run(&format!("\\copy {table}_yardstick from '{}'", file(table)), None)?;
        }
        rates.0.push(f64::from(ROWS) / began.elapsed().as_secs_f64());
    }
    Ok(rates)
}
