//! The self-test: proves on the machine itself everything that the agent relies on, for an operator in front of a system on
//! which the makers could not run it.
//!
//! Each check does the real thing — a command is started and killed, a secret is written and read, the server is asked — and
//! says what it saw. Nothing is left behind, and a running agent is not disturbed.

mod machine;
mod processes;
mod server;
mod storage;

use std::future::ready;
use std::time::{Duration, Instant};

use gururmm_agent_os::facts;
use gururmm_agent_os::paths::Paths;
use gururmm_observe::Printable;
use gururmm_protocol::facts::Facts;
use serde::Serialize;

use crate::console;
use crate::version::VERSION;

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It works.
    Passed,
    /// It does not.
    Failed,
    /// This system cannot do it; the detail says why.
    Unsupported,
    /// It was not tried; the detail says why.
    Skipped,
}

/// One check.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    name: &'static str,
    pub(crate) verdict: Verdict,
    /// What was seen, or what is wrong.
    detail: String,
    duration_ms: u64,
}

/// Everything that was found.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    version: &'static str,
    facts: Facts,
    pub(crate) checks: Vec<Check>,
}

/// What a check says: the verdict that is not obvious, or what was seen or is wrong.
type Outcome = Result<String, Failure>;

/// Why a check did not pass.
enum Failure {
    Wrong(String),
    Unsupported(String),
    Skipped(String),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Wrong(format!("{error:#}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Wrong(error.to_string())
    }
}

impl From<gururmm_agent_os::Unsupported> for Failure {
    fn from(unsupported: gururmm_agent_os::Unsupported) -> Self {
        Self::Unsupported(unsupported.reason)
    }
}

fn wrong(text: impl Into<String>) -> Failure {
    Failure::Wrong(text.into())
}

/// Runs all checks, one after the other.
pub(crate) async fn run(paths: &Paths) -> Report {
    let mut checks = Checks::default();
    checks.add("storage.private_folder", ready(storage::private_folder(paths))).await;
    checks.add("storage.secret", ready(storage::secret())).await;
    checks.add("storage.spool", storage::spool()).await;
    checks.add("machine.identity", ready(machine::identity())).await;
    checks.add("machine.metrics", machine::metrics()).await;
    checks.add("machine.user", machine::user()).await;
    checks.add("machine.network", ready(machine::network())).await;
    checks.add("machine.service", ready(machine::service())).await;
    checks.add("commands.output", processes::output()).await;
    checks.add("commands.service", Box::pin(processes::of_service())).await;
    checks.add("commands.kill", processes::kill()).await;
    checks.add("commands.contained", ready(processes::contained())).await;
    checks.add("server.identity", ready(server::identity(paths))).await;
    checks.add("server.trust", ready(server::trust())).await;
    checks.add("server.connection", Box::pin(server::connection(paths))).await;
    Report { version: VERSION, facts: facts::collect(VERSION), checks: checks.done }
}

#[derive(Default)]
struct Checks {
    done: Vec<Check>,
}

impl Checks {
    async fn add(&mut self, name: &'static str, check: impl Future<Output = Outcome>) {
        const LIMIT: Duration = Duration::from_mins(1);
        let began = Instant::now();
        let outcome = match tokio::time::timeout(LIMIT, check).await {
            Ok(outcome) => outcome,
            Err(_) => Err(wrong("it did not end within a minute")),
        };
        let (verdict, detail) = match outcome {
            Ok(seen) => (Verdict::Passed, seen),
            Err(Failure::Wrong(why)) => (Verdict::Failed, why),
            Err(Failure::Unsupported(why)) => (Verdict::Unsupported, why),
            Err(Failure::Skipped(why)) => (Verdict::Skipped, why),
        };
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.done.push(Check { name, verdict, detail, duration_ms });
    }
}

impl Report {
    /// For a person: one line a check, then what the platform can do.
    pub(crate) fn print(&self) {
        let facts = &self.facts;
        console::say(&format!(
            "gururmm-agent {} on {} {} ({})",
            self.version, facts.os_name, facts.os_version, facts.arch
        ));
        for check in &self.checks {
            let word = match check.verdict {
                Verdict::Passed => "ok",
                Verdict::Failed => "FAILED",
                Verdict::Unsupported => "unsupported",
                Verdict::Skipped => "skipped",
            };
            console::say(&format!("{word:<12}{:<24}{}", check.name, Printable(&check.detail)));
        }
        for capability in facts.capabilities.iter().filter(|capability| !capability.supported) {
            let reason = capability.reason.as_deref().unwrap_or_default();
            console::say(&format!("cannot      {:<24}{}", capability.name, Printable(reason)));
        }
    }
}
