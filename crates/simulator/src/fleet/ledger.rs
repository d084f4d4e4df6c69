//! The books of a fleet: what every machine made, and what the server says it has.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gururmm_ids::CommandId;
use gururmm_protocol::command::Outcome;
use gururmm_protocol::record::{Body, CommandResult};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::sync::Notify;

/// One machine's page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Measurements made.
    pub(super) measured: AtomicU64,
    /// Measurements the server has acknowledged.
    pub(super) stored: AtomicU64,
    /// Measurements that had to go because too many waited.
    pub(super) dropped: AtomicU64,
}

/// A command as a machine saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) starts: u32,
    pub(super) outcome: Option<Outcome>,
    pub(super) is_stored: bool,
}

/// All pages.
#[derive(Debug)]
pub struct Ledger {
    pages: Vec<Page>,
    commands: Mutex<HashMap<CommandId, Seen>>,
    online: AtomicU64,
    handshakes: AtomicU64,
    lost_connections: AtomicU64,
    waiting: AtomicU64,
    is_measuring: AtomicBool,
    changed: Notify,
    times: Mutex<Times>,
}

#[derive(Debug)]
struct Times {
    handshake: Histogram<u64>,
    acknowledgement: Histogram<u64>,
}

/// Percentiles of a time, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Percentiles {
    /// How many were measured.
    pub count: u64,
    /// Half took at most this.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// The whole fleet at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Machines.
    pub agents: usize,
    /// Of them connected.
    pub online: u64,
    /// Handshakes that ended with a welcome.
    pub handshakes: u64,
    /// Connections that ended.
    pub lost_connections: u64,
    /// Measurements made.
    pub measured: u64,
    /// Of them acknowledged.
    pub acknowledged: u64,
    /// Of them given up, because too many waited.
    pub dropped: u64,
    /// Records that wait for their acknowledgement.
    pub waiting: u64,
    /// Commands that were started.
    pub commands: usize,
    /// From the first packet to the welcome.
    pub handshake: Percentiles,
    /// From a record's sending to its acknowledgement.
    pub acknowledgement: Percentiles,
}

impl Ledger {
    pub(super) fn new(agents: usize) -> Self {
        Self {
            pages: std::iter::repeat_with(Page::default).take(agents).collect(),
            commands: Mutex::default(),
            online: AtomicU64::new(0),
            handshakes: AtomicU64::new(0),
            lost_connections: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            is_measuring: AtomicBool::new(true),
            changed: Notify::new(),
            times: Mutex::new(Times { handshake: histogram(), acknowledgement: histogram() }),
        }
    }

    pub(super) fn page(&self, index: usize) -> &Page {
        &self.pages[index]
    }

    /// Machines connected at this moment.
    pub fn online(&self) -> u64 {
        self.online.load(Relaxed)
    }

    pub(super) fn connected(&self, took: Duration) {
        self.online.fetch_add(1, Relaxed);
        self.handshakes.fetch_add(1, Relaxed);
        record(&mut self.times().handshake, took);
    }

    pub(super) fn disconnected(&self) {
        self.online.fetch_sub(1, Relaxed);
        self.lost_connections.fetch_add(1, Relaxed);
    }

    pub(super) fn acknowledged_after(&self, took: Duration) {
        record(&mut self.times().acknowledgement, took);
    }

    /// A record was made.
    pub(super) fn made(&self, index: usize, body: &Body) {
        self.waiting.fetch_add(1, Relaxed);
        match body {
            Body::Metrics(_) => _ = self.page(index).measured.fetch_add(1, Relaxed),
            Body::CommandStarted { command_id } => self.seen(*command_id, |seen| seen.starts += 1),
            Body::CommandResult(CommandResult { command_id, outcome, .. }) => {
                let outcome = *outcome;
                self.seen(*command_id, |seen| seen.outcome = Some(outcome));
            }
            _ => {}
        }
    }

    /// A record had to go.
    pub(super) fn dropped(&self, index: usize) {
        self.waiting.fetch_sub(1, Relaxed);
        self.page(index).dropped.fetch_add(1, Relaxed);
    }

    /// The server has a record.
    pub(super) fn stored(&self, index: usize, body: &Body) {
        match body {
            Body::Metrics(_) => _ = self.page(index).stored.fetch_add(1, Relaxed),
            Body::CommandResult(result) => self.seen(result.command_id, |seen| seen.is_stored = true),
            _ => {}
        }
        if self.waiting.fetch_sub(1, Relaxed) == 1 {
            self.changed.notify_waiters();
        }
    }

    fn seen(&self, command_id: CommandId, change: impl FnOnce(&mut Seen)) {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        change(commands.entry(command_id).or_insert(Seen { starts: 0, outcome: None, is_stored: false }));
    }

    pub(super) fn commands(&self) -> HashMap<CommandId, Seen> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on no machine measures.
    pub fn stop_measuring(&self) {
        self.is_measuring.store(false, Relaxed);
    }

    pub(super) fn is_measuring(&self) -> bool {
        self.is_measuring.load(Relaxed)
    }

    /// Waits until nothing waits for its acknowledgement, for at most `patience`.
    pub async fn settled(&self, patience: Duration) {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let changed = self.changed.notified();
            if self.waiting.load(Relaxed) == 0 || tokio::time::timeout_at(deadline, changed).await.is_err() {
                return;
            }
        }
    }

    /// Forgets the times measured so far.
    pub fn reset_times(&self) {
        let mut times = self.times();
        times.handshake.reset();
        times.acknowledgement.reset();
    }

    /// The fleet as it is.
    pub fn summary(&self) -> Summary {
        let sum = |value: fn(&Page) -> &AtomicU64| self.pages.iter().map(|page| value(page).load(Relaxed)).sum();
        let times = self.times();
        Summary {
            agents: self.pages.len(),
            online: self.online(),
            handshakes: self.handshakes.load(Relaxed),
            lost_connections: self.lost_connections.load(Relaxed),
            measured: sum(|page| &page.measured),
            acknowledged: sum(|page| &page.stored),
            dropped: sum(|page| &page.dropped),
            waiting: self.waiting.load(Relaxed),
            commands: self.commands.lock().unwrap_or_else(PoisonError::into_inner).len(),
            handshake: percentiles(&times.handshake),
            acknowledgement: percentiles(&times.acknowledgement),
        }
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Microseconds up to two minutes, three digits.
#[expect(clippy::expect_used, reason = "constants")]
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 120_000_000, 3).expect("the bounds are possible")
}

fn record(histogram: &mut Histogram<u64>, took: Duration) {
    histogram.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1));
}

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
    Percentiles {
        count: histogram.len(),
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        max: histogram.max() as f64 / 1_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_on_its_page() {
        let ledger = Ledger::new(2);
        let body = Body::Metrics(Box::new(crate::made_up::metrics(1.0)));
        for _ in 0..3 {
            ledger.made(1, &body);
        }
        ledger.stored(1, &body);
        ledger.dropped(1);
        let summary = ledger.summary();
        assert_eq!((summary.measured, summary.acknowledged, summary.dropped, summary.waiting), (3, 1, 1, 1));
        assert_eq!(ledger.page(0).measured.load(Relaxed), 0);
    }

    #[test]
    fn percentiles_are_milliseconds() {
        let ledger = Ledger::new(0);
        for milliseconds in 1..=100 {
            ledger.acknowledged_after(Duration::from_millis(milliseconds));
        }
        let shown = ledger.summary().acknowledgement;
        assert_eq!(shown.count, 100);
        assert!((shown.p50 - 50.0).abs() < 0.1 && (shown.p99 - 99.0).abs() < 0.1 && (shown.max - 100.0).abs() < 0.1);
    }
}
