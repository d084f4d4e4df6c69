//! The reporter of the network state: looks now and then, and tells only what changed.
//!
//! The state is told once after the start of the agent, whenever it differs from what was told last, and once a day all the
//! same, so that a server restored from a backup has it again. Nothing is told before the first welcome, which brings the
//! server's own view of the WAN address.

mod wan;

use std::sync::Arc;
use std::time::Duration;

use gururmm_agent_core::session::{Wishes, jittered};
use gururmm_agent_os::network;
use gururmm_protocol::network::NetworkState;
use gururmm_protocol::record::Body;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::server_clock::ServerClock;
use crate::store::Store;
use wan::Wan;

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// What has not changed is told again after this.
const TELL_AGAIN: Duration = Duration::from_hours(24);

/// Reports until `stop`. Each change of `wishes`, even to the same, is a welcome.
pub(crate) async fn run(
    store: Store,
    clock: Arc<ServerClock>,
    mut wishes: watch::Receiver<Wishes>,
    stop: CancellationToken,
) {
    let work = async {
        if wishes.changed().await.is_err() {
            return;
        }
        let mut reporter = Reporter { wan: Wan::default(), told: None };
        loop {
            let wished = wishes.borrow_and_update().clone();
            if let Some(state) = reporter.look(&wished, Instant::now()).await {
                store.append(clock.now(), Body::NetworkState(state)).await;
            }
            tokio::select! {
                () = sleep(jittered(LOOK_EVERY, rand::random())) => {}
                changed = wishes.changed() => if changed.is_err() { return },
            }
        }
    };
    stop.run_until_cancelled(work).await;
}

struct Reporter {
    wan: Wan,
    told: Option<(NetworkState, Instant)>,
}

impl Reporter {
    /// The state, when it is to be told.
    async fn look(&mut self, wishes: &Wishes, now: Instant) -> Option<NetworkState> {
        let looked = tokio::task::spawn_blocking(network::interfaces).await.ok()?;
        let interfaces = looked.inspect_err(|error| tracing::debug!(%error, "no network state")).ok()?;
        let wan_address = self.wan.address(wishes, &interfaces, now).await;
        let state = NetworkState { interfaces, wan_address };
        self.is_news(&state, now).then(|| {
            self.told = Some((state.clone(), now));
            state
        })
    }

    fn is_news(&self, state: &NetworkState, now: Instant) -> bool {
        self.told.as_ref().is_none_or(|(told, at)| told != state || now.duration_since(*at) >= TELL_AGAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_told_and_everything_once_a_day() {
        let now = Instant::now();
        let state = NetworkState::default();
        let mut reporter = Reporter { wan: Wan::default(), told: None };
        assert!(reporter.is_news(&state, now));
        reporter.told = Some((state.clone(), now));
        assert!(!reporter.is_news(&state, now + Duration::from_hours(23)));
        assert!(reporter.is_news(&state, now + TELL_AGAIN));
        let moved = NetworkState { wan_address: Some("192.0.2.1".parse().unwrap()), ..state };
        assert!(reporter.is_news(&moved, now));
    }

    #[tokio::test]
    async fn the_servers_view_is_told_once() {
        let wishes = Wishes { wan_address: Some("192.0.2.1".parse().unwrap()), ..crate::collector::until_told() };
        let mut reporter = Reporter { wan: Wan::default(), told: None };
        let state = reporter.look(&wishes, Instant::now()).await.unwrap();
        assert_eq!(state.wan_address, wishes.wan_address);
        // what changed in between on a living machine is told, what did not is not
        if let Some(again) = reporter.look(&wishes, Instant::now()).await {
            assert_ne!(again, state);
        }
    }
}
