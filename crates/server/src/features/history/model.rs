//! What a chart of a longer range shows.

use gururmm_ids::AgentId;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::step::Step;
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Longest range that can be asked for: what may be kept.
const RANGE_MAX: SignedDuration = SignedDuration::from_hours(4_000 * 24);
const RANGE_DEFAULT: SignedDuration = SignedDuration::from_hours(24);
/// More points than this say nothing more to an eye: a longer range gets longer steps.
const POINTS_MAX: i64 = 1_500;
/// Up to here a range is made of the 5 minutes: a week, and what a week begun in the middle of a day needs.
const FIVE_MINUTES_MAX: SignedDuration = SignedDuration::from_hours(8 * 24);
/// A step is so many 5 minutes, or so many hours: what divides an hour, or a day, so that the marks of a chart are round. Beyond that,
/// whole days. From 6 hours on a step is whole quarters of a day.
const MULTIPLES: [i64; 7] = [1, 2, 3, 4, 6, 12, 24];

/// A figure over a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Aggregate {
    /// Lowest measurement.
    pub min: f32,
    /// Average of the measurements.
    pub avg: f32,
    /// Highest measurement.
    pub max: f32,
    /// What 95 of 100 measurements were at most. Of a step longer than an hour: the highest of its hours.
    pub p95: f32,
}

impl Aggregate {
    /// From an array of the four in this order.
    pub(super) fn of(values: &[f32]) -> Self {
        let at = |index: usize| values.get(index).copied().unwrap_or_default();
        Self { min: at(0), avg: at(1), max: at(2), p95: at(3) }
    }
}

/// A machine over one step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryPoint {
    /// When the step begins.
    pub begins_at: Time,
    /// Measurements in it.
    pub samples: i64,
    /// Use of all processors, 0 to 100.
    pub cpu_percent: Aggregate,
    /// Load average over a minute, where the system has one.
    pub load_1: Option<Aggregate>,
    /// Memory in use, bytes.
    pub memory_used_bytes: Aggregate,
    /// Physical memory, bytes.
    pub memory_total_bytes: i64,
    /// Swap in use, bytes.
    pub swap_used_bytes: Aggregate,
    /// Swap space, bytes.
    pub swap_total_bytes: i64,
    /// Bytes received each second.
    pub network_rx_bytes_per_second: Aggregate,
    /// Bytes sent each second.
    pub network_tx_bytes_per_second: Aggregate,
    /// Volumes.
    pub disks: Vec<HistoryDisk>,
}

/// One volume over one step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryDisk {
    /// Where it is mounted, or its drive.
    pub mount: String,
    /// Bytes in use.
    pub used_bytes: Aggregate,
    /// Size, bytes.
    pub total_bytes: f32,
}

/// A machine over a range of time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct History {
    /// Length of a step, seconds: a multiple of 300 for short ranges, of 3600 for long ones.
    pub step_seconds: i32,
    /// The steps in which something was measured, the oldest first; the last one may go on.
    pub items: Vec<HistoryPoint>,
}

/// How busy a machine was lately.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sparkline {
    /// Which.
    pub agent_id: AgentId,
    /// Average use of all processors in each step, 0 to 100, the oldest first; null where nothing was measured.
    pub cpu_percent: Vec<Option<f32>>,
}

/// A checked range: from the beginning of a step up to, and without, `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// The largest size that it is read from.
    pub(super) step: Step,
    /// What it is shown in, a multiple of `step`.
    pub(super) step_seconds: i32,
}

impl Range {
    /// The range asked for: up to now and a day long, unless told. Five minutes are kept for `five_minutes_days` only.
    pub(super) fn new(
        from: Option<Time>,
        to: Option<Time>,
        now: Timestamp,
        five_minutes_days: u32,
    ) -> Result<Self, Problem> {
        let to = to.unwrap_or(Time(now)).since_1970().0;
        let before = || Time(to.saturating_sub(RANGE_DEFAULT).unwrap_or(to));
        let from = from.unwrap_or_else(before).since_1970().0;
        if from >= to {
            return Err(Problem::invalid_request("from must be before to."));
        }
        let length = to.duration_since(from);
        if length > RANGE_MAX {
            return Err(Problem::invalid_request("The range must be at most 4,000 days long."));
        }
        let is_fine_kept = now.duration_since(from) <= SignedDuration::from_hours(i64::from(five_minutes_days) * 24);
        let step = if length <= FIVE_MINUTES_MAX && is_fine_kept { Step::FIVE_MINUTES } else { Step::HOUR };
        let step_seconds = step_of(step, length);
        let step = if step_seconds % Step::QUARTER.seconds == 0 { Step::QUARTER } else { step };
        let begin = from.as_second().div_euclid(i64::from(step_seconds)) * i64::from(step_seconds);
        Ok(Self { from: Timestamp::from_second(begin).unwrap_or(from), to, step, step_seconds })
    }
}

/// The shortest round multiple of `step` of which `length` has at most [`POINTS_MAX`].
fn step_of(step: Step, length: SignedDuration) -> i32 {
    let seconds = i64::from(step.seconds);
    let least = (length.as_secs() / seconds).div_euclid(POINTS_MAX) + 1;
    let days = least.div_euclid(24) + i64::from(least % 24 != 0);
    let multiple = MULTIPLES.into_iter().find(|multiple| *multiple >= least).unwrap_or(24 * days);
    i32::try_from(seconds * multiple).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Time {
        Time(Timestamp::from_second(day * 86_400).unwrap())
    }

    #[test]
    fn a_longer_range_has_longer_steps() {
        let range = |days: i64| Range::new(Some(day(10_000 - days)), None, day(10_000).0, 92).unwrap();
        assert_eq!((range(1).step, range(1).step_seconds), (Step::FIVE_MINUTES, 300));
        assert_eq!((range(7).step, range(7).step_seconds), (Step::FIVE_MINUTES, 600));
        assert_eq!((range(31).step, range(31).step_seconds), (Step::HOUR, 3_600));
        assert_eq!((range(200).step, range(200).step_seconds), (Step::HOUR, 4 * 3_600));
        assert_eq!((range(366).step, range(366).step_seconds), (Step::QUARTER, 6 * 3_600));
        assert_eq!((range(4_000).step, range(4_000).step_seconds), (Step::QUARTER, 72 * 3_600));
        assert_eq!(Range::new(None, None, day(1_000).0, 92).unwrap().from, day(999).0, "a day unless told");
        let long_ago = Range::new(Some(day(800)), Some(day(801)), day(1_000).0, 92).unwrap();
        assert_eq!(long_ago.step, Step::HOUR, "the 5 minutes of then are gone");
    }

    #[test]
    fn a_range_begins_with_a_whole_step_and_is_forward() {
        let from = Time("2026-03-01T12:34:56Z".parse().unwrap());
        let to = Time("2026-03-01T13:00:00Z".parse().unwrap());
        let range = Range::new(Some(from), Some(to), to.0, 92).unwrap();
        assert_eq!(range.from.to_string(), "2026-03-01T12:30:00Z");
        for (from, to) in [(100, 99), (50, 50), (0, 4_001)] {
            let problem = Range::new(Some(day(from)), Some(day(to)), day(5_000).0, 92).unwrap_err();
            assert_eq!(problem.code, "invalid_request", "{from} {to}");
        }
    }
}
