//! How fast one session may bring messages.
//!
//! An agent that has been away delivers days at once; no honest one goes on and on at that pace. Who does is not refused anything: it
//! is read more slowly, and TCP tells it so.

use std::time::Duration;

use tokio::time::Instant;

/// What a message costs: 200 a second.
const COST: Duration = Duration::from_millis(5);
/// Credit of a session: 2,000 messages at once, more than a day of measurements.
const CREDIT: Duration = Duration::from_secs(10);

/// The pace of one session.
#[derive(Debug)]
pub(super) struct Pace {
    paid_off: Instant,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { paid_off: now }
    }

    /// A message came.
    pub(super) fn took(&mut self, now: Instant) {
        self.paid_off = self.paid_off.max(now) + COST;
    }

    /// When the next may be read; none when at once.
    pub(super) fn pause(&self, now: Instant) -> Option<Instant> {
        (self.paid_off > now + CREDIT).then(|| self.paid_off - CREDIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_passes_at_once_and_what_follows_at_a_steady_pace() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        for _ in 0..2_000 {
            pace.took(start);
            assert_eq!(pace.pause(start), None);
        }
        pace.took(start);
        assert_eq!(pace.pause(start), Some(start + COST));
        assert_eq!(pace.pause(start + COST), None);
        // a session that was quiet for a second has earned 200
        let later = start + COST + Duration::from_secs(1);
        for _ in 0..200 {
            assert_eq!(pace.pause(later), None);
            pace.took(later);
        }
        pace.took(later);
        assert_eq!(pace.pause(later), Some(later + COST));
    }
}
