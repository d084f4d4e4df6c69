//! A weekday of a certain week of the month and so many days after it: `nth 2 tue 03:00 +1` is the day after Patch Tuesday.
//!
//! The days after may end in the next month; the weekday is always counted in its own.

use std::fmt;

use jiff::civil::Date;

use super::{
    TimingError,
    field::{Nth, parse_number, parse_weekday, weekday_name},
    words,
};

const MAX_PLUS_DAYS: u8 = 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NthWeekday {
    nth: Nth,
    weekday: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    plus_days: u8,
}

impl NthWeekday {
    /// Reads the words after `nth`.
    pub(super) fn parse(words: &[&str]) -> Result<Self, TimingError> {
        let (nth, weekday, time, plus) = match *words {
            [nth, weekday, time] => (nth, weekday, time, "+0"),
            [nth, weekday, time, plus] => (nth, weekday, time, plus),
            _ => return Err(TimingError::NthForm),
        };
        let misfit = |field, text: &str, expected| TimingError::Value { field, text: text.to_owned(), expected };
        let (hour, minute) = parse_time(time).ok_or_else(|| misfit("time", time, "hours and minutes such as 03:00"))?;
        Ok(Self {
            nth: Nth::parse(nth, "last").ok_or_else(|| misfit("nth", nth, "a number from 1 to 5, or last"))?,
            weekday: parse_weekday(weekday).ok_or_else(|| misfit("weekday", weekday, "a name such as tue"))?,
            hour,
            minute,
            plus_days: plus
                .strip_prefix('+')
                .and_then(parse_number)
                .filter(|days| *days <= MAX_PLUS_DAYS)
                .ok_or_else(|| misfit("days after", plus, "a plus and a number from 0 to 20, such as +1"))?,
        })
    }

    /// The days of the month that begins with `month`, one bit each.
    pub(super) fn days(&self, month: Date) -> u32 {
        let day = |month| self.nth.day(self.weekday, month).map(|day| day + self.plus_days);
        let own = day(month).map(u32::from);
        let days = u32::from(month.days_in_month().unsigned_abs());
        let spilled = month.yesterday().ok().and_then(|end| {
            let length = end.days_in_month().unsigned_abs();
            day(end.first_of_month())?.checked_sub(length).map(u32::from)
        });
        [own, spilled].into_iter().flatten().filter(|day| (1..=days).contains(day)).fold(0, |bits, day| bits | 1 << day)
    }

    pub(super) fn describe(&self) -> String {
        let (nth, weekday) = (self.nth.word(), words::weekday(self.weekday));
        let day = match self.plus_days {
            0 => " on".to_owned(),
            1 => " on the day after".to_owned(),
            days => format!(", {days} days after"),
        };
        format!("At {:02}:{:02}{day} the {nth} {weekday} of the month", self.hour, self.minute)
    }
}

fn parse_time(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    if !matches!(hour.len(), 1 | 2) || minute.len() != 2 {
        return None;
    }
    Some((parse_number(hour).filter(|hour| *hour < 24)?, parse_number(minute).filter(|minute| *minute < 60)?))
}

impl fmt::Display for NthWeekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nth ")?;
        match self.nth {
            Nth::Week(week) => write!(f, "{week}")?,
            Nth::Last => f.write_str("last")?,
        }
        write!(f, " {} {:02}:{:02} +{}", weekday_name(self.weekday), self.hour, self.minute, self.plus_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_after_may_end_in_the_next_month() {
        let days =
            |text: &str, month: Date| NthWeekday::parse(&text.split(' ').collect::<Vec<_>>()).unwrap().days(month);
        assert_eq!(days("2 tue 03:00 +1", date(2026, 12, 1)), 1 << 9);
        assert_eq!(days("last mon 03:00 +1", date(2026, 12, 1)), (1 << 1) | (1 << 29));
        assert_eq!(days("5 sat 03:00", date(2026, 2, 1)), 0);
        assert_eq!(days("5 sat 03:00 +20", date(2026, 2, 1)), 1 << 20);
        assert_eq!(days("last sun 03:00 +20", date(2027, 3, 1)), 1 << 20);
    }
}
