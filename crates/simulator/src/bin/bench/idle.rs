//! What an idle agent costs: memory and CPU while it only measures, with the built-in interval.
//!
//! Yardstick: prometheus-node-exporter, asked once a minute, if it is installed.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::Arguments;
use crate::processes::{Process, Product, cpu_seconds, free_port, resident_mb};
use crate::report::{Report, Rounds};
use gururmm_simulator::http_client;

const SETTLE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// CPU (percent of one core) and memory (MB) over the watched time.
struct Cost {
    cpu_percent: f64,
    memory: Vec<f64>,
}

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let product = Product::start(arguments).await?;
    let port = free_port()?;
    let listen = format!("--web.listen-address=127.0.0.1:{port}");
    let exporter =
        Process::spawn(Command::new("prometheus-node-exporter").arg(listen).stderr(std::process::Stdio::null())).ok();
    let url = format!("http://127.0.0.1:{port}/metrics");
    tokio::time::sleep(SETTLE).await;
    let (agent, yardstick) = tokio::join!(
        watch(product.agent.id(), arguments.idle_seconds, None),
        watch_optional(exporter.as_ref().map(Process::id), arguments.idle_seconds, &url)
    );
    let (agent, yardstick) = (agent?, yardstick?);
    let name = if exporter.is_some() { "prometheus-node-exporter" } else { "not installed" };
    report.add(
        "agent idle, resident memory",
        &Rounds(agent.memory),
        "MB",
        (name, &Rounds(yardstick.memory)),
        Some(10.0),
    );
    let (ours, theirs) = (Rounds(vec![agent.cpu_percent]), Rounds(vec![yardstick.cpu_percent]));
    report.add("agent idle, CPU of one core", &ours, "%", (name, &theirs), Some(0.1));
    let server = Rounds(vec![resident_mb(product.server.id())?]);
    report.add("server with one agent, resident memory", &server, "MB", ("itself", &server), None);
    Ok(())
}

async fn watch_optional(pid: Option<u32>, seconds: u64, url: &str) -> anyhow::Result<Cost> {
    match pid {
        Some(pid) => watch(pid, seconds, Some(url)).await,
        None => Ok(Cost { cpu_percent: f64::NAN, memory: vec![f64::NAN] }),
    }
}

async fn watch(pid: u32, seconds: u64, url: Option<&str>) -> anyhow::Result<Cost> {
    let (began, cpu) = (Instant::now(), cpu_seconds(pid)?);
    let client = http_client()?;
    let mut memory = Vec::new();
    while began.elapsed() < Duration::from_secs(seconds) {
        if let Some(url) = url {
            client.get(url).send().await?.bytes().await?;
        }
        memory.push(resident_mb(pid)?);
        tokio::time::sleep(LOOK_EVERY.min(Duration::from_secs(seconds))).await;
    }
    let cpu_percent = (cpu_seconds(pid)? - cpu) / began.elapsed().as_secs_f64() * 100.0;
    Ok(Cost { cpu_percent, memory })
}
