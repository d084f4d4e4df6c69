use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Time since the machine started; on this system the monotonic clock runs on while it sleeps.
pub fn since_boot() -> Duration {
    clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Duration::ZERO, Duration::from)
}
