//! What an idle agent costs: memory and CPU while it only measures, with the built-in interval, and while it has nobody to tell.
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
    // the agent of another server, which is gone
    let Product { machine: lonely, server: gone, home: _home } = Product::start(arguments).await?;
    drop(gone);
    let asking = tokio::spawn(ask_for_ever(exporter.url.clone()));
    tokio::time::sleep(SETTLE).await;

    let watched = [&product.machine.agent, &lonely.agent, &exporter.process, &product.server];
    let mut costs: [Cost; 4] = Default::default();
    for _ in 0..ROUNDS {
        let begun = watched.map(Watched::begin);
        tokio::time::sleep(Duration::from_secs(arguments.idle_seconds)).await;
        for (watched, cost) in begun.into_iter().zip(&mut costs) {
            watched?.end(cost)?;
        }
    }
    asking.abort();
    let [agent, lonely, yardstick, server] = costs;

    let names = ["agent idle, resident memory", "agent idle, CPU of one core"];
    agent.compare_with(&yardstick, names, ["MeshAgent 13.6 MB", "—"], report);
    let names = ["agent whose server is away, resident memory", "agent whose server is away, CPU of one core"];
    lonely.compare_with(&yardstick, names, ["—", "—"], report);
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

impl Cost {
    /// Memory and CPU of an agent, beside the exporter's.
    fn compare_with(
        self,
        exporter: &Self,
        names: [&'static str; 2],
        references: [&'static str; 2],
        report: &mut Report,
    ) {
        let figures =
            [(self.memory_mb, &exporter.memory_mb, "MB", 10.0), (self.cpu_percent, &exporter.cpu_percent, "%", 0.1)];
        for ((what, reference), (figure, exporter, unit, most)) in names.into_iter().zip(references).zip(figures) {
            report.add(Line {
                what,
                unit,
                figure,
                yardstick: Some(Yardstick { name: "prometheus-node-exporter", figure: exporter.clone() }),
                budget: Some(Budget::AtMost(most)),
                reference,
            });
        }
    }
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
