//! The smallest question that a signed-in person's page asks, as often as the server can answer it.
//!
//! Yardstick: the same server's `/healthz`, which asks nobody. `wrk` asks both, over kept connections.

use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::product::Product;
use crate::report::{Budget, Line, Report, Rounds, Yardstick};
use crate::{Arguments, ROUNDS};

/// One thread of two cores, and connections enough to keep the server busy.
const WRK: [&str; 3] = ["-t1", "-c64", "-d5s"];

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let product = Product::start(arguments).await?;
    let (origin, token) = (&product.machine.origin, &product.machine.token);
    let (mut ours, mut bare) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        ours.0.push(requests_per_second(&format!("{origin}/api/auth/me"), Some(token)).await?);
        bare.0.push(requests_per_second(&format!("{origin}/healthz"), None).await?);
    }
    report.add(Line {
        what: "authenticated GET of /api/auth/me",
        unit: "/s",
        figure: ours,
        yardstick: Some(Yardstick { name: "/healthz", figure: bare }),
        budget: Some(Budget::AtLeast(10_000.0)),
        reference: "Tactical 128/s",
    });
    Ok(())
}

async fn requests_per_second(url: &str, token: Option<&str>) -> anyhow::Result<f64> {
    let mut command = Command::new("wrk");
    command.args(WRK).arg(url);
    if let Some(token) = token {
        command.arg("-H").arg(format!("Authorization: Bearer {token}"));
    }
    let done = tokio::process::Command::from(command).output().await;
    let done = done.context("wrk is missing: `scripts/bootstrap.sh bench` installs it")?;
    ensure!(done.status.success(), "wrk: {}", String::from_utf8_lossy(&done.stderr));
    figure(&String::from_utf8_lossy(&done.stdout))
}

/// Its `Requests/sec`, unless an answer was no success.
fn figure(printed: &str) -> anyhow::Result<f64> {
    ensure!(!printed.contains("Non-2xx"), "the server refused some of the questions: {printed}");
    let line = printed.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    line.and_then(|rate| rate.trim().parse().ok()).with_context(|| format!("wrk printed no rate: {printed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_counts_only_when_every_answer_was_a_success() {
        let good = "  5000 requests in 1.00s, 1MB read\nRequests/sec:   4998.13\nTransfer/sec:  1.00MB\n";
        assert!((figure(good).unwrap() - 4998.13).abs() < 0.01);
        assert!(figure(&format!("{good}  Non-2xx or 3xx responses: 2\n")).is_err());
        assert!(figure("").is_err());
    }
}
