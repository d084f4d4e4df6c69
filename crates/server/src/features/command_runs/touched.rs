//! Runs in which something has just happened. However much that is, it is told a few times a second and once for each run.

use std::collections::HashSet;
use std::sync::Arc;

use gururmm_ids::{CommandRunId, OrgId};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Runs that have gone on and of which nobody was told yet.
#[derive(Clone, Debug, Default)]
pub struct TouchedRuns(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    runs: Mutex<HashSet<(OrgId, CommandRunId)>>,
    notify: Notify,
}

impl TouchedRuns {
    /// Something happened in these.
    pub fn add(&self, runs: impl IntoIterator<Item = (OrgId, CommandRunId)>) {
        let mut touched = self.0.runs.lock();
        let before = touched.len();
        touched.extend(runs);
        if touched.len() > before {
            self.0.notify.notify_one();
        }
    }

    /// Waits until there are some, and takes them.
    pub(super) async fn take(&self) -> Vec<(OrgId, CommandRunId)> {
        loop {
            let taken: Vec<_> = self.0.runs.lock().drain().collect();
            if !taken.is_empty() {
                return taken;
            }
            self.0.notify.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_run_is_told_once_however_much_happened() {
        let (touched, run) = (TouchedRuns::default(), (OrgId::generate(), CommandRunId::generate()));
        assert!(touched.take().now_or_never().is_none());
        for _ in 0..3 {
            touched.add([run]);
        }
        assert_eq!(touched.take().await, [run]);
        assert!(touched.take().now_or_never().is_none());
    }
}
