//! `gururmm-simulator`: thousands of simulated machines on one server, for load, for faults and to show.

mod place;
mod progress;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Parser;
use gururmm_simulator::fleet::{Faults, Fleet, Options, begins, prepare, require_files, verify};

use place::Keys;

/// Simulates machines
///
/// They enrol, connect, measure and run commands as real agents do. At the end it compares what they sent with what the server stored.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The server's origin, on this machine
    #[arg(long, default_value = "http://127.0.0.1:3001")]
    server: String,
    /// With which machines enrol; without it, clients and sites are made by an administrator
    #[arg(long, env = "GURURMM_SITE_KEY", hide_env_values = true)]
    site_key: Option<String>,
    /// An administrator's token: makes the clients and sites of a fictitious provider, and compares at the end
    #[arg(long, env = "GURURMM_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Machines
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    agents: u32,
    /// Seconds over which the machines connect
    #[arg(long, default_value_t = 10.0, value_parser = seconds)]
    ramp: f64,
    /// The same seed is the same fleet
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds between two measurements; what the server wishes unless told
    #[arg(long, value_parser = seconds)]
    metrics_interval: Option<f64>,
    /// Seconds to go on; until Ctrl-C unless told
    #[arg(long, value_parser = seconds)]
    duration: Option<f64>,
    /// Days of measurements that are made up and sent first
    #[arg(long, default_value_t = 0.0, value_parser = seconds)]
    back_fill_days: f64,
    /// Share of the connections that are cut each minute, 0 to 1
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    disconnects_per_minute: f64,
    /// Share of the machines that read one message a second, 0 to 1
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    slow_readers: f64,
    /// Share of the acknowledgements that are not heard, 0 to 1
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    lost_acknowledgements: f64,
    /// Share of the commands that fail, 0 to 1
    #[arg(long, default_value_t = 0.05, value_parser = share)]
    command_failures: f64,
    /// Share of the commands that run into their time limit, 0 to 1
    #[arg(long, default_value_t = 0.01, value_parser = share)]
    command_timeouts: f64,
    /// Share of the machines that are switched off once they have told their past, 0 to 1
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    switched_off: f64,
    /// A folder in which identities are kept: the next run has the same machines
    #[arg(long)]
    identities: Option<PathBuf>,
    /// The summary as JSON on standard output
    #[arg(long)]
    json: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("{text} is no number"))?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("it must be between 0 and 1".to_owned()) }
}

fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("{text} is no number"))?;
    if (0.0..=31_536_000.0).contains(&value) { Ok(value) } else { Err("it must be a positive number".to_owned()) }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let server = arguments.server.trim_end_matches('/').to_owned();
    require_files(arguments.agents as usize)?;
    let address = place::address(&server).await?;
    let keys = Keys::prepare(&server, arguments.site_key.clone(), arguments.token.as_deref()).await?;
    let file = arguments.identities.as_ref().map(|folder| folder.join("identities.jsonl"));
    let count = arguments.agents as usize;
    let told = |enrolled| progress::counted("enrolled", enrolled, count);
    let identities = prepare(file.as_deref(), &server, arguments.seed, count, |persona| keys.of(persona), told).await?;
    let agents: Vec<_> = identities.iter().map(|identity| identity.agent_id).collect();
    let options = options(&arguments, &server, address);
    let from = begins(options.back_fill);
    let fleet = Fleet::start(&options, identities);
    progress::watch(&fleet.ledger, arguments.duration.map(Duration::from_secs_f64)).await?;
    let ledger = fleet.stop(Duration::from_secs(30)).await;
    let verdict = match &arguments.token {
        Some(token) => Some(verify(&ledger, &server, token, &agents, from).await.context("the comparison failed")?),
        None => None,
    };
    progress::print(&ledger.summary(), verdict.as_ref(), arguments.json)?;
    ensure!(verdict.is_none_or(|verdict| verdict.is_clean()), "the server does not have what it acknowledged");
    Ok(())
}

fn options(arguments: &Arguments, server: &str, address: std::net::SocketAddr) -> Options {
    Options {
        server: server.to_owned(),
        address,
        seed: arguments.seed,
        ramp: Duration::from_secs_f64(arguments.ramp),
        metrics_interval: arguments.metrics_interval.map(|seconds| Duration::from_secs_f64(seconds.max(1.0))),
        faults: Faults {
            disconnects_per_minute: arguments.disconnects_per_minute,
            slow_readers: arguments.slow_readers,
            lost_acknowledgements: arguments.lost_acknowledgements,
            command_failures: arguments.command_failures,
            command_timeouts: arguments.command_timeouts,
            switched_off: arguments.switched_off,
        },
        back_fill: Duration::from_secs_f64(arguments.back_fill_days * 86_400.0),
        back_fill_step: None,
        back_fill_after: Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn arguments_are_consistent_and_shares_are_shares() {
        Arguments::command().debug_assert();
        assert!(share("0.5").is_ok() && share("1.5").is_err() && share("x").is_err());
        assert!(seconds("-1").is_err() && seconds("0").is_ok());
    }
}
