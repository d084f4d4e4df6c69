//! What an idle agent costs: memory and CPU while it only measures, with the built-in interval.
//!
//! Yardstick: prometheus-node-exporter in the same minutes, asked as often as the agent measures.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use gururmm_simulator::http_client;
use gururmm_simulator::processes::usage::{cpu_seconds, resident_mb};
use gururmm_simulator::processes::{Process, folder, free_port, until};

use crate::product::Product;
use crate::report::{Budget, Line, Report, Rounds, Yardstick};
use crate::{Arguments, ROUNDS};

const SETTLE: Duration = Duration::from_secs(5);
/// As often as an agent measures, unless the operator sets something else.
const ASK_EVERY: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(20);

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let folder = folder()?;
    let exporter = Exporter::start(arguments, &folder.path().join("exporter.console")).await?;
    let product = Product::start(arguments).await?;
    let asking = tokio::spawn(ask_for_ever(exporter.url.clone()));
    tokio::time::sleep(SETTLE).await;

    let (mut agent, mut yardstick, mut server) = (Cost::default(), Cost::default(), Cost::default());
    for _ in 0..ROUNDS {
        let begun = [&product.machine.agent, &exporter.process, &product.server].map(Watched::begin);
        tokio::time::sleep(Duration::from_secs(arguments.idle_seconds)).await;
        for (watched, cost) in begun.into_iter().zip([&mut agent, &mut yardstick, &mut server]) {
            watched?.end(cost)?;
        }
    }
    asking.abort();

    let exporter = |figure| Some(Yardstick { name: "prometheus-node-exporter", figure });
    report.add(Line {
        what: "agent idle, resident memory",
        unit: "MB",
        figure: agent.memory_mb,
        yardstick: exporter(yardstick.memory_mb),
        budget: Some(Budget::AtMost(10.0)),
        reference: "MeshAgent 13.6 MB",
    });
    report.add(Line {
        what: "agent idle, CPU of one core",
        unit: "%",
        figure: agent.cpu_percent,
        yardstick: exporter(yardstick.cpu_percent),
        budget: Some(Budget::AtMost(0.1)),
        reference: "—",
    });
    report.add(Line {
        what: "server with one agent, resident memory",
        unit: "MB",
        figure: server.memory_mb,
        yardstick: None,
        budget: None,
        reference: "—",
    });
    Ok(())
}

/// The running yardstick.
struct Exporter {
    process: Process,
    url: String,
}

impl Exporter {
    async fn start(arguments: &Arguments, console: &std::path::Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(&arguments.node_exporter);
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let mut process = Process::start(command, console)
            .context("the yardstick is missing: `scripts/bootstrap.sh bench` fetches prometheus-node-exporter")?;
        let url = format!("http://127.0.0.1:{port}/metrics");
        until("prometheus-node-exporter to answer", POLL, async || {
            process.require_running()?;
            Ok(ask(&url).await.ok())
        })
        .await?;
        Ok(Self { process, url })
    }
}

async fn ask(url: &str) -> anyhow::Result<()> {
    http_client()?.get(url).send().await?.error_for_status()?.bytes().await?;
    Ok(())
}

async fn ask_for_ever(url: String) {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        ask(&url).await.ok();
    }
}

/// What a process has cost, round by round.
#[derive(Default)]
struct Cost {
    cpu_percent: Rounds,
    memory_mb: Rounds,
}

/// A process in one round.
struct Watched {
    pid: u32,
    began: Instant,
    cpu_seconds: f64,
}

impl Watched {
    fn begin(process: &Process) -> anyhow::Result<Self> {
        let pid = process.id();
        Ok(Self { pid, began: Instant::now(), cpu_seconds: cpu_seconds(pid)? })
    }

    fn end(self, cost: &mut Cost) -> anyhow::Result<()> {
        let used = cpu_seconds(self.pid)? - self.cpu_seconds;
        cost.cpu_percent.0.push(used / self.began.elapsed().as_secs_f64() * 100.0);
        cost.memory_mb.0.push(resident_mb(self.pid)?);
        Ok(())
    }
}
