//! When to try to connect again: decorrelated jitter.
//!
//! Each pause is random between the shortest and three times the one before, up to a ceiling. The ceiling is low while an
//! outage is young, so that a restarted server has its agents back at once, and rises after [`PATIENCE`]. Only a connection
//! that stayed healthy for [`HEALTHY_AFTER`] resets the pauses: a server that accepts and drops is still an outage.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(500);
const CEILING: Duration = Duration::from_secs(20);
const LATE_CEILING: Duration = Duration::from_mins(1);
const PATIENCE: Duration = Duration::from_mins(10);
const HEALTHY_AFTER: Duration = Duration::from_mins(1);

/// The pauses of one agent. `now` is monotonic time since any fixed moment.
#[derive(Debug, Default)]
pub struct Reconnect {
    previous: Option<Duration>,
    failing_since: Option<Duration>,
}

impl Reconnect {
    /// A session ended after `lasted`, or an attempt failed (`lasted` is zero). Returns how long to wait; `wished` is what
    /// the server asked for, `random` is uniform in 0..1.
    pub fn pause(&mut self, now: Duration, lasted: Duration, wished: Option<Duration>, random: f64) -> Duration {
        if lasted >= HEALTHY_AFTER {
            *self = Self::default();
        }
        let since = *self.failing_since.get_or_insert(now);
        let ceiling = if now.saturating_sub(since) >= PATIENCE { LATE_CEILING } else { CEILING };
        let highest = (self.previous.unwrap_or(SHORTEST) * 3).min(ceiling);
        let pause = SHORTEST + highest.saturating_sub(SHORTEST).mul_f64(random.clamp(0.0, 1.0));
        self.previous = Some(pause);
        // all agents hear the same wish: spread them over half as much again
        wished.map_or(pause, |wish| wish + (wish / 2).mul_f64(random.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_young_outage_is_retried_often_and_an_old_one_calmly() {
        let mut reconnect = Reconnect::default();
        let pauses: Vec<_> = (0..6).map(|_| reconnect.pause(SECOND, Duration::ZERO, None, 1.0)).collect();
        assert_eq!(pauses[0], Duration::from_millis(1500));
        assert_eq!(*pauses.last().unwrap(), CEILING);
        assert!(reconnect.pause(SECOND + PATIENCE, Duration::ZERO, None, 1.0) > CEILING);
    }

    #[test]
    fn only_a_healthy_connection_starts_over() {
        let mut reconnect = Reconnect::default();
        for _ in 0..6 {
            reconnect.pause(SECOND, Duration::from_secs(59), None, 1.0);
        }
        assert_eq!(reconnect.pause(SECOND, Duration::from_secs(59), None, 1.0), CEILING);
        assert_eq!(reconnect.pause(SECOND, HEALTHY_AFTER, None, 1.0), Duration::from_millis(1500));
    }

    proptest! {
        #[test]
        fn pauses_stay_in_bounds(steps in prop::collection::vec((0u64..4000, 0u64..90, 0.0f64..1.0), 1..60)) {
            let mut reconnect = Reconnect::default();
            let mut now = Duration::ZERO;
            for (passed, lasted, random) in steps {
                now += Duration::from_secs(passed);
                let pause = reconnect.pause(now, Duration::from_secs(lasted), None, random);
                prop_assert!((SHORTEST..=LATE_CEILING).contains(&pause));
            }
        }

        #[test]
        fn a_wish_is_never_undercut(wish in 1u64..600, random in 0.0f64..1.0) {
            let wish = Duration::from_secs(wish);
            let pause = Reconnect::default().pause(SECOND, Duration::ZERO, Some(wish), random);
            prop_assert!(pause >= wish && pause <= wish * 3 / 2);
        }
    }
}
