//! The books compared with what the server stored: nothing that was acknowledged may be missing, and nothing may be there twice.

use std::sync::atomic::Ordering::Relaxed;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gururmm_ids::{AgentId, CommandId};
use gururmm_protocol::command::Outcome;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::Ledger;
use super::ledger::Seen;
use crate::http_client;

/// The longest range of measurements that the server answers; no fleet tells more of its past.
const RANGE_MAX: SignedDuration = SignedDuration::from_hours(31 * 24);
/// Questions at the same time.
const AT_ONCE: usize = 16;

/// What the comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Measurements that the machines made.
    pub measured: u64,
    /// Of them acknowledged by the server.
    pub acknowledged: u64,
    /// Measurements that the server has.
    pub stored: u64,
    /// Acknowledged and not there.
    pub lost: u64,
    /// There, and never made.
    pub doubled: u64,
    /// Commands that ended on a machine.
    pub commands: u64,
    /// Commands that were started twice.
    pub commands_doubled: u64,
    /// Commands whose end the server does not know as it was.
    pub commands_wrong: u64,
}

impl Verdict {
    /// Whether everything is where it belongs.
    pub fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.commands_doubled + self.commands_wrong == 0
    }
}

/// Asks the server for everything that the fleet has told since `from`. `agents` is in the order of the fleet, `token` an
/// administrator's.
pub async fn verify(
    ledger: &Ledger,
    server: &str,
    token: &str,
    agents: &[AgentId],
    from: Timestamp,
) -> anyhow::Result<Verdict> {
    let asking = Asking { client: http_client()?, server, token };
    let mut verdict = Verdict::default();
    let counts = stream::iter(agents.iter().map(|agent| asking.stored(*agent, from))).buffered(AT_ONCE);
    let mut counts = std::pin::pin!(counts.enumerate());
    while let Some((index, stored)) = counts.next().await {
        let (page, stored) = (ledger.page(index), stored?);
        let (made, acknowledged) = (page.measured.load(Relaxed), page.stored.load(Relaxed));
        verdict.measured += made;
        verdict.acknowledged += acknowledged;
        verdict.stored += stored;
        verdict.lost += acknowledged.saturating_sub(stored);
        verdict.doubled += stored.saturating_sub(made);
    }
    let ended = ledger.commands().into_iter().filter(|(_, seen)| seen.outcome.is_some());
    let checks: Vec<(Seen, bool)> =
        stream::iter(ended.map(|(id, seen)| asking.agrees(id, seen))).buffer_unordered(AT_ONCE).try_collect().await?;
    verdict.commands = checks.len() as u64;
    verdict.commands_doubled = checks.iter().filter(|(seen, _)| seen.starts > 1).count() as u64;
    verdict.commands_wrong = checks.iter().filter(|(seen, agrees)| seen.is_stored && !agrees).count() as u64;
    Ok(verdict)
}

struct Asking<'a> {
    client: reqwest::Client,
    server: &'a str,
    token: &'a str,
}

impl Asking<'_> {
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let asked = self.client.get(format!("{}/api{path}", self.server)).bearer_auth(self.token).send().await?;
        Ok(asked.error_for_status()?.json().await?)
    }

    /// Measurements of a machine that the server has.
    async fn stored(&self, agent: AgentId, from: Timestamp) -> anyhow::Result<u64> {
        let to = from.saturating_add(RANGE_MAX)?;
        let (mut from, mut count) = (from, 0);
        loop {
            let answer = self.get(&format!("/agents/{agent}/metrics?from={from}&to={to}")).await;
            let answer = answer.with_context(|| format!("the measurements of {agent}"))?;
            let items = answer["items"].as_array().context("the answer has no items")?;
            count += items.len() as u64;
            if answer["truncated"] != true {
                return Ok(count);
            }
            let last = items.last().and_then(|item| item["recorded_at"].as_str()).context("the answer is empty")?;
            from = last.parse::<Timestamp>()?.checked_add(SignedDuration::from_micros(1))?;
        }
    }

    /// Whether the server knows the end of a command as it was.
    async fn agrees(&self, id: CommandId, seen: Seen) -> anyhow::Result<(Seen, bool)> {
        let command = self.get(&format!("/commands/{id}")).await?;
        let expected = seen.outcome.map(|outcome| match outcome {
            Outcome::Completed => "completed",
            Outcome::Failed => "failed",
            Outcome::Timeout => "timeout",
            Outcome::Cancelled => "cancelled",
            Outcome::Interrupted => "interrupted",
            Outcome::Expired => "expired",
        });
        Ok((seen, command["status"].as_str() == expected))
    }
}
