//! `make bench`: figures beside a yardstick of the same run.
//!
//! Real server, real agent, loopback only. Each figure is the median of three rounds; the spread is (largest − smallest) ÷ median.

mod idle;
mod processes;
mod report;
mod round_trip;
mod start;

use std::path::PathBuf;

use clap::Parser;

use report::Report;

/// Measures the product against its budgets
#[derive(Parser)]
struct Arguments {
    /// The server to measure
    #[arg(long, env = "GURURMM_BENCH_SERVER")]
    server: PathBuf,
    /// The agent to measure
    #[arg(long, env = "GURURMM_BENCH_AGENT")]
    agent: PathBuf,
    /// Commands per round
    #[arg(long, default_value_t = 300)]
    commands: usize,
    /// Seconds for which an idle agent is watched
    #[arg(long, default_value_t = 300)]
    idle_seconds: u64,
    /// Only the measurement of this name: round-trip, start or idle
    #[arg(long)]
    only: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| only == name);
    let mut report = Report::default();
    if wanted("round-trip") {
        round_trip::measure(&arguments, &mut report).await?;
    }
    if wanted("start") {
        start::measure(&arguments, &mut report).await?;
    }
    if wanted("idle") {
        idle::measure(&arguments, &mut report).await?;
    }
    report.print()
}
