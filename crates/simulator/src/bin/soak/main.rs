//! `make soak`: a fleet at work while things break, again and again. Afterwards the books are compared, and what the server needs is no
//! more than at the beginning.

mod commands;
mod health;
mod outage;
mod place;
mod report;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser;
use gururmm_simulator::fleet::verify;
use gururmm_simulator::processes::stop_asked;

use commands::Commands;
use health::Health;
use outage::Outage;
use place::Place;
use report::Report;

/// Between two outages: everything is as it should be, and the server's needs are looked at.
const QUIET: Duration = Duration::from_secs(10);
/// Until the last acknowledgement and the last result.
const FAREWELL: Duration = Duration::from_mins(1);

/// Lets a fleet work while things break
#[derive(Parser)]
struct Arguments {
    /// The server to try
    #[arg(long)]
    server: PathBuf,
    /// How long, at least: each outage happens once
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=24 * 60))]
    minutes: u64,
    /// Simulated machines
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    agents: u32,
    /// The same seed is the same fleet
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut report = Report::default();
    tokio::select! {
        outcome = soak(&arguments, &mut report) => outcome?,
        asked = stop_asked() => asked.and_then(|()| anyhow::bail!("stopped"))?,
    }
    report.print()?;
    report.require_good()
}

async fn soak(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let mut place = Place::start(arguments).await?;
    let commands = Commands::start(&place.origin(), &place.token, place.agents.clone(), arguments.seed);
    tokio::time::sleep(QUIET).await;
    report.health.push(Health::of(place.pid())?);
    let end = Instant::now() + Duration::from_secs(arguments.minutes * 60);
    // each at least once
    for (number, outage) in Outage::ALL.into_iter().cycle().enumerate() {
        if number >= Outage::ALL.len() && Instant::now() >= end {
            break;
        }
        report::say(&format!("{} …", outage.name()));
        let took = outage.happen(&mut place).await.with_context(|| format!("after: {}", outage.name()))?;
        report.outages.push((outage.name(), took));
        tokio::time::sleep(QUIET).await;
        report.health.push(Health::of(place.pid())?);
    }
    report.commands = commands.stop(FAREWELL).await?;
    let (origin, token, agents, from) = (place.origin(), place.token.clone(), place.agents.clone(), place.began);
    let ledger = place.fleet.stop(FAREWELL).await;
    report.summary = Some(ledger.summary());
    report.verdict = Some(verify(&ledger, &origin, &token, &agents, from).await.context("the comparison failed")?);
    Ok(())
}
