//! `make bench`: figures beside a yardstick of the same run.
//!
//! Real server, real agent, loopback only. Each figure is the median of three rounds, interleaved with those of the yardstick; the
//! spread is (largest − smallest) ÷ median. What was measured before something failed is printed all the same.

mod bare_postgres;
mod crowd;
mod fleet;
mod idle;
mod ingest;
mod product;
mod report;
mod round_trip;
mod start;
mod usage;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

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
    /// Commands per round
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    commands: u32,
    /// Seconds of each of the three rounds in which an idle agent is watched; it measures once a minute
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..))]
    idle_seconds: u64,
    /// Simulated machines of the measurements with a crowd
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..=15_000))]
    machines: u32,
    /// Only this measurement
    #[arg(long)]
    only: Option<Measurement>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measurement {
    RoundTrip,
    Start,
    Idle,
    Fleet,
    Ingest,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut report = Report::default();
    let outcome = measure(&arguments, &mut report).await;
    report.print()?;
    outcome
}

async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let is_wanted = |measurement| arguments.only.is_none_or(|only| only == measurement);
    if is_wanted(Measurement::RoundTrip) {
        round_trip::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::Start) {
        start::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::Idle) {
        idle::measure(arguments, report).await?;
    }
    if is_wanted(Measurement::Fleet) {
        Box::pin(fleet::measure(arguments, report)).await?;
    }
    if is_wanted(Measurement::Ingest) {
        Box::pin(ingest::measure(arguments, report)).await?;
    }
    Ok(())
}
