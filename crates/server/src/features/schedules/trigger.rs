//! What sets a schedule off.

use jiff::Timestamp;
use jiff::civil::Time as CivilTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::timing::{MAX_BYTES, Timing};
use crate::features::command_runs::Pace;
use crate::platform::http::Problem;
use crate::platform::time::Time;
use crate::platform::validate;

/// For how long a missed time may be made up for, minutes: up to a month, twelve hours unless told.
const WITHIN: std::ops::RangeInclusive<i32> = 1..=43_200;
const WITHIN_DEFAULT: i32 = 720;

/// What happens with a time that comes while the server is not running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScheduleMissed)]
pub(crate) enum Missed {
    /// Nothing.
    #[default]
    Skip,
    /// One run, as soon as it runs again, however many were missed.
    Once,
}

/// What sets a schedule off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ScheduleTrigger)]
pub(crate) enum Trigger {
    /// The clock.
    Cron {
        /// Five fields (`30 2 * * mon`: minute, hour, day of the month, month, day of the week), `nth 2 tue 03:00 +1` (a day after the second Tuesday of
        /// the month), `@hourly`, `@daily`, `@weekly` or `@monthly`.
        timing: String,
        /// Of which time zone the clock is, such as `Europe/Berlin`; that of each machine's site unless told.
        #[serde(default)]
        time_zone: Option<String>,
        /// What happens with a time that comes while the server is not running.
        #[serde(default)]
        missed: Missed,
        /// For how many minutes a missed time is made up for, 1 to 43,200; 720 unless told.
        #[serde(default = "within_default")]
        missed_within_minutes: i32,
    },
    /// A machine that enrols, as soon as it may work.
    Enrolment {},
    /// A machine's first contact on a day, by the clock of its site. One that is there when a day begins has it then.
    FirstContact {
        /// Not before this time of the day, such as `07:00`.
        #[serde(default)]
        not_before: Option<String>,
    },
}

/// A time at which a schedule is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ScheduleOccurrence)]
pub(crate) struct Occurrence {
    /// When.
    pub(crate) at: Time,
    /// By which clock.
    pub(crate) time_zone: String,
    /// What that clock says, such as `2026-11-29 02:30`.
    pub(crate) local: String,
}

const fn within_default() -> i32 {
    WITHIN_DEFAULT
}

impl Trigger {
    /// The name of its kind in SQL and JSON.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Cron { .. } => "cron",
            Self::Enrolment {} => "enrolment",
            Self::FirstContact { .. } => "first_contact",
        }
    }

    /// One of this kind of which nothing else can be read.
    pub(super) fn unknown(kind: &str) -> Self {
        match kind {
            "enrolment" => Self::Enrolment {},
            "first_contact" => Self::FirstContact { not_before: None },
            _ => Self::Cron {
                timing: String::new(),
                time_zone: None,
                missed: Missed::Skip,
                missed_within_minutes: WITHIN_DEFAULT,
            },
        }
    }

    /// It, written in the one way, if it is right.
    pub(super) fn checked(self) -> Result<Self, Problem> {
        Ok(match self {
            Self::Cron { timing, time_zone, missed, missed_within_minutes } => {
                if !WITHIN.contains(&missed_within_minutes) {
                    let detail = "Between 1 and 43,200 minutes, which are 30 days.";
                    return Err(Problem::field("trigger.missed_within_minutes", detail));
                }
                let parsed = Timing::parse(&timing)
                    .map_err(|error| Problem::field("trigger.timing", sentence_of(&error.to_string())))?;
                Self::Cron {
                    // what is written out may be longer than what was written
                    timing: Some(parsed.to_string()).filter(|text| text.len() <= MAX_BYTES).unwrap_or(timing),
                    time_zone: time_zone.map(|name| validate::time_zone("trigger.time_zone", &name)).transpose()?,
                    missed,
                    missed_within_minutes,
                }
            }
            Self::Enrolment {} => self,
            Self::FirstContact { not_before } => Self::FirstContact {
                not_before: not_before
                    .map(|text| Ok::<_, Problem>(time_of_day(&text)?.strftime("%H:%M").to_string()))
                    .transpose()?,
            },
        })
    }

    /// Refuses a pace where machines set it off: those that come together begin together.
    pub(super) fn check_pace(&self, pace: Pace) -> Result<Pace, Problem> {
        if self.kind() == "cron" || pace == Pace::default() {
            return pace.check();
        }
        let detail = "Machines set it off, each by itself: it has no order and no rate. Leave them out.";
        Err(Problem::field("pace", detail))
    }

    /// When it is due by the clock, if it is by that.
    pub(super) fn timing(&self) -> Option<Timing> {
        match self {
            Self::Cron { timing, .. } => Timing::parse(timing).ok(),
            Self::Enrolment {} | Self::FirstContact { .. } => None,
        }
    }

    /// The one time zone by which it is due, if it is not that of the sites.
    pub(super) fn time_zone(&self) -> Option<&str> {
        match self {
            Self::Cron { time_zone, .. } => time_zone.as_deref(),
            Self::Enrolment {} | Self::FirstContact { .. } => None,
        }
    }

    /// It in a sentence.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Cron { .. } => self.timing().map(|timing| timing.describe()).unwrap_or_default(),
            Self::Enrolment {} => "When a machine enrols".to_owned(),
            Self::FirstContact { not_before: None } => "At a machine's first contact of the day".to_owned(),
            Self::FirstContact { not_before: Some(time) } => {
                format!("At a machine's first contact of the day, from {time} on")
            }
        }
    }

    /// The next times by these clocks after an instant, at most `count`, the earliest first.
    pub(super) fn next(&self, zones: &[(String, TimeZone)], after: Timestamp, count: usize) -> Vec<Occurrence> {
        let Some(timing) = self.timing() else { return Vec::new() };
        let mut times: Vec<_> = zones
            .iter()
            .flat_map(|(name, zone)| {
                let following =
                    std::iter::successors(timing.next_after(after, zone), |at| timing.next_after(*at, zone));
                following.take(count).map(move |at| Occurrence {
                    at: Time(at),
                    time_zone: name.clone(),
                    local: zone.to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string(),
                })
            })
            .collect();
        times.sort_by(|one, other| (one.at.0, &one.time_zone).cmp(&(other.at.0, &other.time_zone)));
        times.truncate(count);
        times
    }
}

/// A time of the day such as `07:00`.
pub(super) fn time_of_day(text: &str) -> Result<CivilTime, Problem> {
    let wrong = || Problem::field("trigger.not_before", "Write hours and minutes, such as 07:00.");
    CivilTime::strptime("%H:%M", text.trim()).map_err(|_| wrong())
}

/// A message as a sentence of its own.
fn sentence_of(message: &str) -> String {
    let mut characters = message.chars();
    let first: String = characters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}
