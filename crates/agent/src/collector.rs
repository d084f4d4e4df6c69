//! The collector: measures the machine and spools what it finds, connected or not.

use std::sync::Arc;
use std::time::Duration;

use gururmm_agent_core::session::jittered;
use gururmm_agent_os::metrics::Meter;
use gururmm_protocol::record::Body;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::server_clock::ServerClock;
use crate::store::Store;

/// Time between measurements until the server names another.
pub(crate) const USUAL_INTERVAL: Duration = Duration::from_mins(1);

/// A welcome brings a fresh measurement unless one is younger than this.
const FRESH: Duration = Duration::from_secs(5);

/// Measures until `stop`. Each change of `interval`, even to the same, is a welcome.
pub(crate) async fn run(
    store: Store,
    clock: Arc<ServerClock>,
    mut interval: watch::Receiver<Duration>,
    stop: CancellationToken,
) {
    let Ok(mut meter) = tokio::task::spawn_blocking(Meter::start).await else { return };
    let mut last: Option<Instant> = None;
    let mut next = Instant::now() + *interval.borrow_and_update();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep_until(next) => {}
            changed = interval.changed() => {
                if changed.is_err() {
                    return;
                }
                let wished = *interval.borrow_and_update();
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
        // volumes may be slow to answer
        let sampled = tokio::task::spawn_blocking(move || {
            let metrics = meter.sample();
            (meter, metrics)
        });
        let Ok((returned, metrics)) = sampled.await else { return };
        meter = returned;
        if store.has_room() {
            store.append(clock.now(), Body::Metrics(Box::new(metrics))).await;
        }
        last = Some(Instant::now());
        next = Instant::now() + jittered(*interval.borrow(), rand::random());
    }
}
