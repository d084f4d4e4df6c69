//! Server time, as well as it is known.
//!
//! Every connection brings the server's clock; from then on it runs on the machine's monotonic clock, so that a wrong or
//! jumping wall clock moves no record. Before the first connection of a run it is the wall clock, corrected by what was
//! learned in an earlier run.

use std::time::Duration;

use gururmm_agent_os::clock::since_boot;
use gururmm_clock::SharedClock;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// Corrections smaller than this are not worth a write to disk.
const NOTEWORTHY: SignedDuration = SignedDuration::from_secs(2);

#[derive(Debug, Default)]
struct Knowledge {
    anchor: Option<(Timestamp, Duration)>,
    ahead_of_wall: SignedDuration,
}

/// Server time.
pub(crate) struct ServerClock {
    wall: SharedClock,
    knowledge: Mutex<Knowledge>,
}

impl ServerClock {
    /// Starts with what an earlier run learned.
    pub(crate) fn new(wall: SharedClock, ahead_of_wall: SignedDuration) -> Self {
        Self { wall, knowledge: Mutex::new(Knowledge { anchor: None, ahead_of_wall }) }
    }

    /// The server says that it is `time` now. Returns the new correction when it is worth keeping.
    pub(crate) fn set(&self, time: Timestamp) -> Option<SignedDuration> {
        let ahead = time.duration_since(self.wall.now());
        let mut knowledge = self.knowledge.lock();
        knowledge.anchor = Some((time, since_boot()));
        if (ahead - knowledge.ahead_of_wall).abs() < NOTEWORTHY {
            return None;
        }
        knowledge.ahead_of_wall = ahead;
        Some(ahead)
    }

    /// The server's present.
    pub(crate) fn now(&self) -> Timestamp {
        let knowledge = self.knowledge.lock();
        let (from, passed) = match knowledge.anchor {
            Some((time, at)) => {
                let passed = SignedDuration::try_from(since_boot().saturating_sub(at)).unwrap_or(SignedDuration::MAX);
                (time, passed)
            }
            None => (self.wall.now(), knowledge.ahead_of_wall),
        };
        from.saturating_add(passed).unwrap_or(from)
    }

    /// This machine's wall clock.
    pub(crate) fn wall(&self) -> Timestamp {
        self.wall.now()
    }
}

#[cfg(test)]
mod tests {
    use gururmm_clock::TestClock;

    use super::*;

    #[test]
    fn a_wrong_wall_clock_moves_nothing_once_the_server_spoke() {
        let wall = TestClock::starting_at(Timestamp::UNIX_EPOCH);
        let clock = ServerClock::new(wall.clone(), SignedDuration::from_secs(100));
        assert_eq!(clock.now(), Timestamp::from_second(100).unwrap());
        let noon = Timestamp::from_second(1_000_000).unwrap();
        assert_eq!(clock.set(noon), Some(SignedDuration::from_secs(1_000_000)));
        assert_eq!(clock.set(noon), None);
        wall.advance(SignedDuration::from_hours(-5));
        let drift = clock.now().duration_since(noon);
        assert!(drift < SignedDuration::from_secs(60), "{drift}");
    }
}
