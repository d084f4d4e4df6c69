//! How fast machines are told, and in which order.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Mode, Run};
use crate::platform::http::Problem;

const RATE: std::ops::RangeInclusive<i32> = 1..=100_000;
const FAILURES: std::ops::RangeInclusive<i32> = 1..=20_000;

/// How fast, and in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CommandRunPace)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    /// In which order machines are told; `parallel` unless told.
    #[serde(default)]
    pub(crate) mode: Mode,
    /// How many machines are told in a minute, 1 to 100,000; as many as there are unless told. For `parallel`.
    pub(crate) rate_per_minute: Option<i32>,
    /// After so many failed machines the rest is not told any more, 1 to 20,000. For `ordered`, or with a rate.
    pub(crate) stop_after_failures: Option<i32>,
}

impl Pace {
    /// It, if it can be.
    pub(crate) fn check(self) -> Result<Self, Problem> {
        if self.rate_per_minute.is_some_and(|rate| !RATE.contains(&rate)) {
            return Err(Problem::field("rate_per_minute", "Between 1 and 100,000 machines in a minute."));
        }
        if self.mode == Mode::Ordered && self.rate_per_minute.is_some() {
            return Err(Problem::field("rate_per_minute", "Machines that are told one after the other have no rate."));
        }
        if self.stop_after_failures.is_some_and(|failures| !FAILURES.contains(&failures)) {
            return Err(Problem::field("stop_after_failures", "Between 1 and 20,000 failed machines."));
        }
        if self.stop_after_failures.is_some() && self.is_all_at_once() {
            let detail =
                "All machines are told at once, so there is no rest to stop. Choose a rate, or one after the other.";
            return Err(Problem::field("stop_after_failures", detail));
        }
        Ok(self)
    }

    /// That of a run.
    pub(crate) fn of(run: &Run) -> Result<Self, Problem> {
        let mode = serde_json::from_value(run.mode.as_str().into()).map_err(Problem::internal)?;
        Ok(Self { mode, rate_per_minute: run.rate_per_minute, stop_after_failures: run.stop_after_failures })
    }

    pub(crate) fn is_all_at_once(self) -> bool {
        self.mode == Mode::Parallel && self.rate_per_minute.is_none()
    }
}
