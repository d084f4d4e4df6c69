//! Somebody who runs commands all the time.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use gururmm_ids::AgentId;
use gururmm_simulator::http_client;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

const EVERY: Duration = Duration::from_millis(200);
const POLL: Duration = Duration::from_millis(500);

/// How many commands came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    /// The server took them.
    pub(crate) accepted: usize,
    /// It said that it could not, or did not answer.
    pub(crate) refused: usize,
    /// Completed as they should.
    pub(crate) completed: usize,
    /// Came to another end, or to none in time.
    pub(crate) others: usize,
}

impl Ends {
    /// Share of the accepted commands that completed.
    pub(crate) fn success(self) -> f64 {
        self.completed as f64 / self.accepted.max(1) as f64
    }
}

pub(crate) struct Commands {
    origin: String,
    token: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<(Vec<String>, usize)>,
}

impl Commands {
    pub(crate) fn start(origin: &str, token: &str, agents: Vec<AgentId>, seed: u64) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let (server, bearer) = (origin.to_owned(), token.to_owned());
        let task = tokio::spawn(async move {
            let (mut accepted, mut refused, mut number) = (Vec::new(), 0, seed as usize);
            loop {
                tokio::select! {
                    _ = stopped.changed() => return (accepted, refused),
                    () = sleep(EVERY) => {}
                }
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                match run(&server, &bearer, agents[(number >> 16) % agents.len()]).await {
                    Ok(id) => accepted.push(id),
                    Err(_) => refused += 1,
                }
            }
        });
        Self { origin: origin.to_owned(), token: token.to_owned(), stop, task }
    }

    /// Runs no more, waits for the ends of those that run, for at most `patience`, and counts.
    pub(crate) async fn stop(self, patience: Duration) -> anyhow::Result<Ends> {
        self.stop.send_replace(true);
        let (accepted, refused) = self.task.await?;
        let mut ends = Ends { accepted: accepted.len(), refused, ..Ends::default() };
        let deadline = Instant::now() + patience;
        for id in accepted {
            match end(&self.origin, &self.token, &id, deadline).await?.as_deref() {
                Some("completed") => ends.completed += 1,
                _ => ends.others += 1,
            }
        }
        Ok(ends)
    }
}

async fn run(origin: &str, token: &str, agent: AgentId) -> anyhow::Result<String> {
    let body = json!({ "command": "echo all is well", "timeout_seconds": 300 });
    let request = http_client()?.post(format!("{origin}/api/agents/{agent}/command")).bearer_auth(token).json(&body);
    let command: Value = request.send().await?.error_for_status()?.json().await?;
    command["id"].as_str().map(str::to_owned).context("the command has no id")
}

/// The status at the end; none when there is no end until `deadline`.
async fn end(origin: &str, token: &str, id: &str, deadline: Instant) -> anyhow::Result<Option<String>> {
    let client = http_client()?;
    loop {
        let request = client.get(format!("{origin}/api/commands/{id}")).bearer_auth(token);
        let command: Value = request.send().await?.error_for_status()?.json().await?;
        if !command["finished_at"].is_null() {
            return Ok(command["status"].as_str().map(str::to_owned));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        sleep(POLL).await;
    }
}
