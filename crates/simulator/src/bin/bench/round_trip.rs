//! Command round trip: from the API call to its output at a client that listens.
//!
//! Yardstick: a bare WebSocket echo that starts the same shell command for each message.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::{SinkExt as _, StreamExt as _};
use gururmm_simulator::fleet::Fleet;
use gururmm_simulator::http_client;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_tungstenite::tungstenite::Message;

use crate::crowd::Crowd;
use crate::product::{Machine, Product};
use crate::report::{Budget, Line, Report, Rounds, Yardstick, percentile};
use crate::{Arguments, ROUNDS};

const COMMAND: &str = "echo x";
const WARM_UP: u32 = 30;
const RAMP: Duration = Duration::from_secs(10);

/// With one agent and nobody else.
pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let product = Product::start(arguments).await?;
    let names = ["command round trip, one agent, p50", "command round trip, one agent, p99"];
    report_on(&product.machine, arguments, report, names, ["MeshCentral 2.0 ms", "MeshCentral 48 ms"]).await
}

/// With a crowd of idle machines beside the one.
pub(crate) async fn measure_in_a_crowd(
    arguments: &Arguments,
    crowd: &mut Crowd,
    report: &mut Report,
) -> anyhow::Result<()> {
    let count = crowd.half();
    let identities = crowd.enrol(count).await?;
    let fleet = Fleet::start(&crowd.options(RAMP, Duration::ZERO), identities);
    crowd.all_online(&fleet, count).await?;
    let key = crowd.site_key().await?;
    let machine = Machine::join(arguments, &crowd.home.origin(), &crowd.token, &key).await?;
    let names =
        ["command round trip, half the crowd connected, p50", "command round trip, half the crowd connected, p99"];
    report_on(&machine, arguments, report, names, ["—", "—"]).await?;
    fleet.stop(Duration::ZERO).await;
    Ok(())
}

async fn report_on(
    machine: &Machine,
    arguments: &Arguments,
    report: &mut Report,
    names: [&'static str; 2],
    references: [&'static str; 2],
) -> anyhow::Result<()> {
    let (mut ours, mut bare) = (Quantiles::default(), Quantiles::default());
    for _ in 0..ROUNDS {
        ours.add(through_the_product(machine, arguments.commands).await?);
        bare.add(through_a_bare_socket(arguments.commands).await?);
    }
    let figures = [(ours.p50, bare.p50, 2.0), (ours.p99, bare.p99, 10.0)];
    for ((what, reference), (figure, bare, budget)) in names.into_iter().zip(references).zip(figures) {
        report.add(Line {
            what,
            unit: "ms",
            figure,
            yardstick: Some(Yardstick { name: "bare WebSocket and fork/exec", figure: bare }),
            budget: Some(Budget::AtMost(budget)),
            reference,
        });
    }
    Ok(())
}

/// Of each round the typical and the slow.
#[derive(Default)]
struct Quantiles {
    p50: Rounds,
    p99: Rounds,
}

impl Quantiles {
    fn add(&mut self, times: Vec<f64>) {
        self.p50.0.push(percentile(times.clone(), 0.5));
        self.p99.0.push(percentile(times, 0.99));
    }
}

async fn through_the_product(machine: &Machine, count: u32) -> anyhow::Result<Vec<f64>> {
    let client = http_client()?;
    let url = format!("{}/api/events?watch_agent={}", machine.origin, machine.agent_id);
    let mut events = client.get(url).bearer_auth(&machine.token).send().await?.error_for_status()?;
    let run = format!("{}/api/agents/{}/command", machine.origin, machine.agent_id);
    let (mut times, mut heard) = (Vec::new(), String::new());
    for number in 0..count + WARM_UP {
        let began = Instant::now();
        let request = client.post(&run).bearer_auth(&machine.token).json(&json!({ "command": COMMAND }));
        let answer = tokio::spawn(async move { request.send().await?.error_for_status()?.json::<Value>().await });
        let output_at = output(&mut events, &mut heard).await?;
        let command = answer.await??;
        anyhow::ensure!(
            output_at.1 == command["id"].as_str().unwrap_or_default(),
            "the output of another command came"
        );
        finished(&mut events, &mut heard, &output_at.1).await?;
        if number >= WARM_UP {
            times.push(output_at.0.duration_since(began).as_secs_f64() * 1e3);
        }
    }
    Ok(times)
}

/// Waits for the next output; answers when it came and of which command.
async fn output(events: &mut reqwest::Response, heard: &mut String) -> anyhow::Result<(Instant, String)> {
    loop {
        let event = next_event(events, heard).await?;
        if event["type"] == "command_output" {
            return Ok((Instant::now(), event["command_id"].as_str().unwrap_or_default().to_owned()));
        }
    }
}

/// Waits for the end, so that one command is under way at a time.
async fn finished(events: &mut reqwest::Response, heard: &mut String, id: &str) -> anyhow::Result<()> {
    loop {
        let event = next_event(events, heard).await?;
        if event["type"] == "command_changed" && event["command_id"] == id && event["status"] == "completed" {
            return Ok(());
        }
    }
}

async fn next_event(events: &mut reqwest::Response, heard: &mut String) -> anyhow::Result<Value> {
    loop {
        if let Some((event, rest)) = heard.split_once("\n\n") {
            let data = event
                .lines()
                .find_map(|line| line.strip_prefix("data:"))
                .and_then(|data| serde_json::from_str(data.trim()).ok());
            let rest_at = heard.len() - rest.len();
            heard.drain(..rest_at);
            if let Some(data) = data {
                return Ok(data);
            }
            continue;
        }
        let chunk = events.chunk().await?.context("the event stream ended")?;
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
}

async fn through_a_bare_socket(count: u32) -> anyhow::Result<Vec<f64>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let echo = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut socket = tokio_tungstenite::accept_async(stream).await?;
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            let output = Command::new("sh").arg("-c").arg(text.as_str()).stdin(Stdio::null()).output().await?;
            socket.send(Message::binary(output.stdout)).await?;
        }
        anyhow::Ok(())
    });
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = tokio_tungstenite::client_async(format!("ws://{address}/"), stream).await?;
    let mut times = Vec::new();
    for number in 0..count + WARM_UP {
        let began = Instant::now();
        socket.send(Message::text(COMMAND)).await?;
        socket.next().await.context("the echo ended")??;
        if number >= WARM_UP {
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
    }
    socket.close(None).await.ok();
    echo.await??;
    Ok(times)
}
