//! `make demo`: a server with hundreds of machines of a fictitious provider, days of history, and things happening.
//!
//! Everything is made anew in a folder that is gone afterwards. Nothing of it is anybody's.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use gururmm_ids::AgentId;
use gururmm_simulator::fleet::{Faults, Fleet, Options, Organisation, Provider, prepare, require_files};
use gururmm_simulator::http_client;
use gururmm_simulator::processes::{Administrator, ServerHome, stop_asked};
use serde_json::json;
use tokio::time::sleep;

const EMAIL: &str = "technician.one@example.com";
/// A command somewhere, so often.
const COMMAND_EVERY: Duration = Duration::from_secs(8);
const COMMANDS: [&str; 6] = ["hostname", "whoami", "uname -a", "echo all is well", "df -h", "systemctl --failed"];

/// Shows the product with simulated machines
#[derive(Parser)]
struct Arguments {
    /// The server to show
    #[arg(long)]
    server: PathBuf,
    /// The port to listen on
    #[arg(long, default_value_t = 3001)]
    port: u16,
    /// Machines
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    agents: u32,
    /// Days of history
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=30))]
    days: u32,
    /// The same seed is the same fleet
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    require_files(arguments.agents as usize)?;
    let mut stop = std::pin::pin!(stop_asked());
    let home = ServerHome::with_port(&arguments.server, arguments.port)?;
    let mut command = home.command_for_a_crowd();
    command.args(["--public-url", &format!("http://localhost:{}", arguments.port)]);
    let server = home.start(command).await?;
    let password = password()?;
    let first = Organisation::places().next().context("the provider has no client")?;
    let names = json!({ "organisation": Organisation::NAME, "client": first.client, "site": first.site });
    let token = home.set_up_as(&Administrator { email: EMAIL, password: &password }, names).await?;
    let show = async {
        let fleet = populate(&arguments, &home, &token).await?;
        say(&format!(
            "\n  http://localhost:{}\n  E-mail    {EMAIL}\n  Password  {password}\n\n{} machines are on their way, with {} days of history. Ctrl-C ends it; nothing is kept.",
            arguments.port, arguments.agents, arguments.days
        ));
        act(&home.origin(), &token, &fleet.1, arguments.seed).await;
        anyhow::Ok(fleet.0)
    };
    tokio::select! {
        shown = show => drop(shown?),
        asked = &mut stop => asked?,
    }
    drop(server);
    Ok(())
}

async fn populate(arguments: &Arguments, home: &ServerHome, token: &str) -> anyhow::Result<(Fleet, Vec<AgentId>)> {
    let origin = home.origin();
    say("Making clients and sites, and enrolling the machines …");
    let keys = Provider { server: &origin, token }.keys().await?;
    let key_of = |persona: &gururmm_simulator::fleet::Persona| keys.get(&persona.place).cloned().unwrap_or_default();
    let identities = prepare(None, &origin, arguments.seed, arguments.agents as usize, key_of, |_| {}).await?;
    let agents = identities.iter().map(|identity| identity.agent_id).collect();
    let options = Options {
        server: origin,
        address: ([127, 0, 0, 1], home.port()).into(),
        seed: arguments.seed,
        ramp: Duration::from_secs(5),
        metrics_interval: None,
        faults: Faults {
            disconnects_per_minute: 0.001,
            command_failures: 0.08,
            command_timeouts: 0.01,
            switched_off: 0.03,
            ..Faults::default()
        },
        back_fill: Duration::from_hours(24) * arguments.days,
        back_fill_step: None,
        back_fill_after: Duration::ZERO,
    };
    Ok((Fleet::start(&options, identities), agents))
}

/// Runs a command here and there, for ever.
async fn act(origin: &str, token: &str, agents: &[AgentId], seed: u64) {
    let mut number = seed as usize;
    loop {
        sleep(COMMAND_EVERY).await;
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (agent, command) = (agents[(number >> 16) % agents.len()], COMMANDS[(number >> 8) % COMMANDS.len()]);
        if let Err(error) = run(origin, token, agent, command).await {
            say(&format!("a command could not be run: {error:#}"));
        }
    }
}

async fn run(origin: &str, token: &str, agent: AgentId, command: &str) -> anyhow::Result<()> {
    let body = json!({ "command": command, "timeout_seconds": 60 });
    let request = http_client()?.post(format!("{origin}/api/agents/{agent}/command")).bearer_auth(token).json(&body);
    request.send().await?.error_for_status()?;
    Ok(())
}

/// Three groups of letters. Nobody else's: the server listens on this machine only, and is gone afterwards.
fn password() -> anyhow::Result<String> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    let letters = bytes.map(|byte| char::from(b"abcdefghjkmnpqrstuvwxyz23456789"[usize::from(byte) % 31]));
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

fn say(text: &str) {
    // a terminal that is gone is no reason to stop
    writeln!(std::io::stdout(), "{text}").ok();
}
