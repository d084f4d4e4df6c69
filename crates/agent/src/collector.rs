//! The collector: measures the machine and spools what it finds, connected or not.

use std::sync::Arc;
use std::time::Duration;

use gururmm_agent_core::session::{Wishes, jittered};
use gururmm_agent_os::metrics::Meter;
use gururmm_protocol::record::Body;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::server_clock::ServerClock;
use crate::store::Store;

/// Time between measurements until the server names another.
const USUAL_INTERVAL: Duration = Duration::from_mins(1);

/// A welcome brings a fresh measurement unless one is younger than this.
const FRESH: Duration = Duration::from_secs(5);

/// What counts until the server has told its wishes.
pub(crate) const fn until_told() -> Wishes {
    Wishes { metrics_interval: USUAL_INTERVAL, wan_address: None, wan_services: Vec::new() }
}

/// Measures until `stop`. Each change of `wishes`, even to the same, is a welcome.
pub(crate) async fn run(
    store: Store,
    clock: Arc<ServerClock>,
    mut wishes: watch::Receiver<Wishes>,
    stop: CancellationToken,
) {
    let Some(mut meter) = unless_stopped(&stop, Meter::start).await else { return };
    let mut last: Option<Instant> = None;
    let mut next = Instant::now() + wishes.borrow_and_update().metrics_interval;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep_until(next) => {}
            changed = wishes.changed() => {
                if changed.is_err() {
                    return;
                }
                let wished = wishes.borrow_and_update().metrics_interval;
                if last.is_some_and(|last| last.elapsed() < FRESH) {
                    next = next.min(Instant::now() + jittered(wished, rand::random()));
                    continue;
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(meter.until_meaningful()) => {}
        }
        // the moment of the counters, not of the end: listing the processes takes its time on a loaded machine
        let sampled_at = clock.now();
        let sampled = unless_stopped(&stop, move || {
            let metrics = meter.sample();
            (meter, metrics)
        });
        let Some((returned, metrics)) = sampled.await else { return };
        meter = returned;
        if store.has_room() {
            store.append(sampled_at, Body::Metrics(Box::new(metrics))).await;
        }
        last = Some(Instant::now());
        next = Instant::now() + jittered(wishes.borrow().metrics_interval, rand::random());
    }
}

/// Does what may block, for ever if a volume does not answer: `stop` does not wait for it.
async fn unless_stopped<T: Send + 'static>(
    stop: &CancellationToken,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    stop.run_until_cancelled(tokio::task::spawn_blocking(work)).await?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_measurement_that_hangs_does_not_hold_up_the_stop() {
        let (release, hang) = std::sync::mpsc::channel::<()>();
        let stop = CancellationToken::new();
        let measured = unless_stopped(&stop, move || hang.recv());
        let stopping = async { stop.cancel() };
        let (measured, ()) = tokio::time::timeout(Duration::from_mins(1), async { tokio::join!(measured, stopping) })
            .await
            .expect("the stop waits for the measurement");
        assert!(measured.is_none());
        drop(release);
    }
}
