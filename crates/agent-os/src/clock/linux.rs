use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// Time since the machine started, suspended time included.
pub fn since_boot() -> Duration {
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
}
