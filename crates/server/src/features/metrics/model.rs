//! What is measured.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Longest range that can be asked for.
const RANGE_MAX: SignedDuration = SignedDuration::from_hours(31 * 24);
const RANGE_DEFAULT: SignedDuration = SignedDuration::from_hours(1);

/// One measurement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MetricsPoint {
    /// When it was taken.
    pub recorded_at: Time,
    /// Use of all processors, 0 to 100.
    pub cpu_percent: f32,
    /// Load average over a minute, where the system has one.
    pub load_1: Option<f32>,
    /// Memory in use, bytes.
    pub memory_used_bytes: i64,
    /// Physical memory, bytes.
    pub memory_total_bytes: i64,
    /// Swap in use, bytes.
    pub swap_used_bytes: i64,
    /// Swap space, bytes.
    pub swap_total_bytes: i64,
    /// Volumes.
    #[schema(value_type = Vec<Disk>)]
    pub disks: Json<Vec<Disk>>,
    /// Bytes received since the point before.
    pub network_rx_bytes: i64,
    /// Bytes sent since the point before.
    pub network_tx_bytes: i64,
    /// Seconds since the point before.
    pub interval_seconds: f32,
}

/// One volume.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Disk {
    /// Where it is mounted, or its drive.
    pub mount: String,
    /// Bytes in use.
    pub used_bytes: u64,
    /// Size, bytes.
    pub total_bytes: u64,
}

/// Measurements of a range of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MetricsRange {
    /// The points, the oldest first.
    pub items: Vec<MetricsPoint>,
    /// Whether there are more: ask again from the last one on.
    pub truncated: bool,
}

/// One process.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Name of the program.
    pub name: String,
    /// Owner.
    #[serde(default)]
    pub user: Option<String>,
    /// Use of one processor, 0 to 100 per core.
    pub cpu_percent: f32,
    /// Resident memory, bytes.
    pub memory_bytes: u64,
}

/// The busiest processes of the latest measurement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcessList {
    /// When it was taken; null before the first.
    pub recorded_at: Option<Time>,
    /// By use of processors.
    #[schema(value_type = Vec<Process>)]
    pub top_cpu: Json<Vec<Process>>,
    /// By memory.
    #[schema(value_type = Vec<Process>)]
    pub top_memory: Json<Vec<Process>>,
}

/// A checked range of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Range {
    /// The range asked for: up to now and an hour long, unless told.
    pub(super) fn new(from: Option<Time>, to: Option<Time>, now: Timestamp) -> Result<Self, Problem> {
        let to = to.unwrap_or(Time(now)).since_1970().0;
        let before = || Time(to.saturating_sub(RANGE_DEFAULT).unwrap_or(to));
        let from = from.unwrap_or_else(before).since_1970().0;
        if from >= to {
            return Err(Problem::invalid_request("from must be before to."));
        }
        if to.duration_since(from) > RANGE_MAX {
            return Err(Problem::invalid_request("The range must be at most 31 days long."));
        }
        Ok(Self { from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_forward_and_at_most_31_days_long() {
        let day = |day: i64| Time(Timestamp::from_second(day * 86_400).unwrap());
        let now = day(100).0;
        let hour = Range::new(None, None, now).unwrap();
        assert_eq!(hour.to.duration_since(hour.from), SignedDuration::from_hours(1));
        assert_eq!(Range::new(Some(day(69)), None, now).unwrap(), Range { from: day(69).0, to: now });
        for (from, to) in [(68, 100), (100, 99), (50, 50)] {
            let problem = Range::new(Some(day(from)), Some(day(to)), now).unwrap_err();
            assert_eq!(problem.code, "invalid_request", "{from} {to}");
        }
        assert!(Range::new(None, Some(Time(Timestamp::MIN)), now).is_err());
    }
}
