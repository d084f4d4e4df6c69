//! What a person sees while machines are simulated, and at the end.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use gururmm_simulator::fleet::{Ledger, Summary, Verdict};
use gururmm_simulator::processes::stop_asked;
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

const EVERY: Duration = Duration::from_secs(1);
/// Without a terminal each line stays: fewer of them.
const LINES_EVERY: u32 = 10;

/// Shows how far a count is.
pub(super) fn counted(what: &str, count: usize, of: usize) {
    let is_last = count == of;
    if is_last || count.is_multiple_of(50) {
        line(&format!("{what} {count} of {of}"), is_last);
    }
}

/// Shows the fleet once a second, until the time is up or somebody stops it.
pub(super) async fn watch(ledger: &Arc<Ledger>, duration: Option<Duration>) -> anyhow::Result<()> {
    let end = Instant::now() + duration.unwrap_or(Duration::from_hours(24 * 365));
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let (mut before, mut count) = (0, 0_u32);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = sleep_until(end) => break,
            asked = stop_asked() => {
                asked?;
                break;
            }
        }
        let now = ledger.summary();
        let rate = now.acknowledged - before;
        before = now.acknowledged;
        count += 1;
        if std::io::stderr().is_terminal() || count.is_multiple_of(LINES_EVERY) {
            line(&shown(&now, rate), false);
        }
    }
    line("", true);
    Ok(())
}

fn shown(now: &Summary, rate: u64) -> String {
    format!(
        "{} of {} online · {rate} measurements/s stored · {} waiting · {} commands · acknowledged after {:.0} ms (p95)",
        now.online, now.agents, now.waiting, now.commands, now.acknowledgement.p95
    )
}

/// On a terminal each line takes the place of the one before.
fn line(text: &str, is_last: bool) {
    let mut out = std::io::stderr();
    let written = if out.is_terminal() {
        write!(out, "\r\x1b[K{text}{}", if is_last { "\n" } else { "" })
    } else if text.is_empty() {
        Ok(())
    } else {
        writeln!(out, "{text}")
    };
    // a terminal that is gone is no reason to stop
    written.and_then(|()| out.flush()).ok();
}

#[derive(Serialize)]
struct Report<'a> {
    summary: &'a Summary,
    verdict: Option<&'a Verdict>,
}

/// The end: counts, percentiles, and what was lost or doubled.
pub(super) fn print(summary: &Summary, verdict: Option<&Verdict>, as_json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        serde_json::to_writer_pretty(&mut out, &Report { summary, verdict })?;
        return Ok(writeln!(out)?);
    }
    writeln!(
        out,
        "machines        {} ({} handshakes, {} connections ended)",
        summary.agents, summary.handshakes, summary.lost_connections
    )?;
    writeln!(
        out,
        "measurements    {} made, {} acknowledged, {} given up",
        summary.measured, summary.acknowledged, summary.dropped
    )?;
    writeln!(out, "commands        {}", summary.commands)?;
    for (name, times) in [("handshake", summary.handshake), ("acknowledgement", summary.acknowledgement)] {
        writeln!(
            out,
            "{name:<15} p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, at most {:.1} ms",
            times.p50, times.p95, times.p99, times.max
        )?;
    }
    match verdict {
        Some(verdict) => writeln!(
            out,
            "server          {} measurements stored, {} lost, {} doubled; {} commands, {} started twice, {} with another end",
            verdict.stored,
            verdict.lost,
            verdict.doubled,
            verdict.commands,
            verdict.commands_doubled,
            verdict.commands_wrong
        )?,
        None => writeln!(out, "server          not asked: only with --token")?,
    }
    Ok(())
}
