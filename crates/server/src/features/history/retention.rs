//! How long what is kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::Config;
use crate::platform::http::Problem;

/// Shortest retention, days.
const DAYS_MIN: u32 = 2;

/// Days for which measurements and their roll-ups are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Single measurements.
    pub measurements_days: u32,
    /// Roll-ups of 5 minutes.
    pub five_minutes_days: u32,
    /// Roll-ups of an hour.
    pub hours_days: u32,
}

impl Retention {
    /// What the server keeps at most.
    pub fn of_server(config: &Config) -> Self {
        Self {
            measurements_days: config.metrics_retention_days,
            five_minutes_days: config.history_5m_retention_days,
            hours_days: config.history_1h_retention_days,
        }
    }

    /// This, with at most so many days of each.
    pub(super) fn limited(self, days: Option<u32>) -> Self {
        let most = days.unwrap_or(u32::MAX);
        self.within(Self { measurements_days: most, five_minutes_days: most, hours_days: most })
    }

    /// This, as far as `most` allows.
    pub(super) fn within(self, most: Self) -> Self {
        Self {
            measurements_days: self.measurements_days.min(most.measurements_days),
            five_minutes_days: self.five_minutes_days.min(most.five_minutes_days),
            hours_days: self.hours_days.min(most.hours_days),
        }
    }

    /// Whether it can be kept.
    pub(super) fn check(self, most: Self) -> Result<(), Problem> {
        let fields = [
            ("measurements_days", self.measurements_days, most.measurements_days),
            ("five_minutes_days", self.five_minutes_days, most.five_minutes_days),
            ("hours_days", self.hours_days, most.hours_days),
        ];
        for (name, days, most) in fields {
            if !(DAYS_MIN..=most).contains(&days) {
                let message =
                    format!("{name} must be between {DAYS_MIN} and {most}, which is what this server keeps at most.");
                return Err(Problem::invalid_request(message));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: Retention = Retention { measurements_days: 31, five_minutes_days: 92, hours_days: 800 };

    #[test]
    fn an_organisation_keeps_at_most_what_the_server_keeps() {
        assert!(SERVER.check(SERVER).is_ok());
        assert!(Retention { measurements_days: 2, five_minutes_days: 2, hours_days: 2 }.check(SERVER).is_ok());
        for wrong in [
            Retention { measurements_days: 32, ..SERVER },
            Retention { five_minutes_days: 1, ..SERVER },
            Retention { hours_days: 801, ..SERVER },
        ] {
            assert_eq!(wrong.check(SERVER).unwrap_err().code, "invalid_request", "{wrong:?}");
            assert_eq!(wrong.within(SERVER).hours_days.max(800), 800);
        }
    }
}
