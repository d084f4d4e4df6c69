//! `make bench`: figures beside a yardstick of the same run.
//!
//! Real server, real agent, loopback only. Each figure is the median of three rounds, interleaved with those of the yardstick; the
//! spread is (largest − smallest) ÷ median. What was measured before something failed is printed all the same.

mod bare_postgres;
mod bulk;
mod crowd;
mod fleet;
mod get;
mod history;
mod idle;
mod ingest;
mod list;
mod nats;
mod offline;
mod product;
mod psql;
mod report;
mod round_trip;
mod start;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use gururmm_simulator::processes::stop_asked;

use crowd::Crowd;
use report::Report;

/// Rounds of every figure.
const ROUNDS: usize = 3;

/// Measures the product against its budgets
#[derive(Parser)]
struct Arguments {
    /// The server to measure
    #[arg(long)]
    server: PathBuf,
    /// The agent to measure
    #[arg(long)]
    agent: PathBuf,
    /// The yardstick of the idle agent
    #[arg(long, default_value = "prometheus-node-exporter")]
    node_exporter: PathBuf,
    /// The yardstick of many idle connections
    #[arg(long, default_value = "nats-server")]
    nats_server: PathBuf,
    /// Commands per round
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    commands: u32,
    /// Seconds of each of the three rounds in which an idle agent is watched; it measures once a minute
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    idle_seconds: u64,
    /// Simulated machines of the measurements with a crowd
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..=15_000))]
    machines: u32,
    /// Where the lines go as JSON
    #[arg(long, default_value = "reports/bench.json")]
    json: PathBuf,
    /// Only this measurement; may be given again
    #[arg(long)]
    only: Vec<Measurement>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measurement {
    Start,
    RoundTrip,
    Get,
    History,
    List,
    Idle,
    Offline,
    Fleet,
    Crowded,
    Bulk,
    Ingest,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut report = Report::default();
    let outcome = tokio::select! {
        outcome = measure(&arguments, &mut report) => outcome,
        asked = stop_asked() => asked.and_then(|()| anyhow::bail!("stopped")),
    };
    report.print()?;
    report.write(&arguments.json)?;
    outcome
}

async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let is_wanted = |measurement| arguments.only.is_empty() || arguments.only.contains(&measurement);
    if is_wanted(Measurement::Start) {
        start::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::RoundTrip) {
        round_trip::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::Get) {
        get::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::History) {
        history::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::List) {
        list::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::Idle) {
        idle::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::Offline) {
        offline::measure(arguments, report).await?;
    }
    let crowded = [Measurement::Fleet, Measurement::Crowded, Measurement::Bulk, Measurement::Ingest].map(is_wanted);
    if crowded.contains(&true) {
        Box::pin(measure_a_crowd(arguments, crowded, report)).await?;
    }
    Ok(())
}

/// One server, whose machines are enrolled once.
async fn measure_a_crowd(
    arguments: &Arguments,
    [fleet, crowded, bulk, ingest]: [bool; 4],
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut crowd = Crowd::start(arguments).await?;
    if fleet {
        fleet::measure(arguments, &mut crowd, report).await?;
    }
    if crowded {
        round_trip::measure_in_a_crowd(arguments, &mut crowd, report).await?;
    }
    if bulk {
        bulk::measure(&mut crowd, report).await?;
    }
    if ingest {
        ingest::measure(&mut crowd, report).await?;
    }
    Ok(())
}
