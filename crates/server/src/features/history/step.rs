//! The sizes of roll-ups.

use jiff::Timestamp;

use crate::platform::db::{PartitionedTable, Unit};

/// A size of roll-up: every span begins at a multiple of it since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its length, seconds.
    pub seconds: i32,
    pub(super) table: PartitionedTable,
}

impl Step {
    /// Five minutes.
    pub const FIVE_MINUTES: Self = Self { seconds: 300, table: PartitionedTable::new("history_5m", Unit::Month) };
    /// An hour.
    pub const HOUR: Self = Self { seconds: 3_600, table: PartitionedTable::new("history_1h", Unit::Month) };
    /// A quarter of a day, made of hours together with them.
    pub const QUARTER: Self = Self { seconds: 21_600, table: PartitionedTable::new("history_6h", Unit::Month) };
    /// Those that are made of measurements.
    pub const MEASURED: [Self; 2] = [Self::FIVE_MINUTES, Self::HOUR];

    /// The beginning of the span that holds `at`.
    pub(super) fn floor(self, at: Timestamp) -> Timestamp {
        let second = at.as_second();
        Timestamp::from_second(second - second.rem_euclid(i64::from(self.seconds))).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_begin_at_multiples() {
        let floor = |step: Step, at: &str| step.floor(at.parse().unwrap()).to_string();
        assert_eq!(floor(Step::FIVE_MINUTES, "2026-03-01T12:04:59.9Z"), "2026-03-01T12:00:00Z");
        assert_eq!(floor(Step::FIVE_MINUTES, "2026-03-01T12:05:00Z"), "2026-03-01T12:05:00Z");
        assert_eq!(floor(Step::HOUR, "2026-03-01T12:59:59Z"), "2026-03-01T12:00:00Z");
        assert_eq!(floor(Step::HOUR, "1969-12-31T23:59:59Z"), "1969-12-31T23:00:00Z");
    }
}
