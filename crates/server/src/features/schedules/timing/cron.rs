//! Five fields: `minute hour day-of-month month day-of-week`.
//!
//! A day has to match both of its fields. If neither has a star, one of them is enough: `0 3 13 * fri` comes on each 13th
//! and on each Friday. So does Vixie cron.

use std::fmt;

use jiff::civil::Date;

use super::{
    TimingError,
    field::{Field, Item, Unit, sunday_zero},
    words,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    pub(super) minute: Field,
    pub(super) hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

impl Cron {
    pub(super) fn parse(fields: &[&str]) -> Result<Self, TimingError> {
        let &[minute, hour, day, month, weekday] = fields else {
            return Err(TimingError::FieldCount(fields.len()));
        };
        let cron = Self {
            minute: Field::parse(Unit::Minute, minute)?,
            hour: Field::parse(Unit::Hour, hour)?,
            day: Field::parse(Unit::Day, day)?,
            month: Field::parse(Unit::Month, month)?,
            weekday: Field::parse(Unit::Weekday, weekday)?,
        };
        if cron.can_come() { Ok(cron) } else { Err(TimingError::Never) }
    }

    /// The days of the month that begins with `month`, one bit each.
    pub(super) fn days(&self, month: Date) -> u32 {
        if self.month.values & (1 << month.month()) == 0 {
            return 0;
        }
        let (by_day, by_weekday) = (self.by_day(month), self.by_weekday(month));
        let chosen = if self.is_either_enough() { by_day | by_weekday } else { by_day & by_weekday };
        let length = month.days_in_month();
        (chosen & ((2_u64 << length) - 2)) as u32
    }

    fn by_day(&self, month: Date) -> u64 {
        let last = if self.day.items.contains(&Item::LastDay) { 1 << month.days_in_month() } else { 0 };
        self.day.values | last
    }

    fn by_weekday(&self, month: Date) -> u64 {
        let begins = sunday_zero(month.weekday());
        // the week as the month begins it, over and over
        let week = (self.weekday.values >> begins | self.weekday.values << (7 - begins)) & 0x7f;
        let weeks = (0..5).fold(0, |days, index| days | week << (1 + 7 * index));
        let nth = self.weekday.items.iter().filter_map(|item| match *item {
            Item::Nth(nth, weekday) => nth.day(weekday, month),
            Item::Every { .. } | Item::Range { .. } | Item::LastDay => None,
        });
        nth.fold(weeks, |days, day| days | 1 << day)
    }

    fn is_either_enough(&self) -> bool {
        !self.day.has_star() && !self.weekday.has_star()
    }

    /// Every weekday meets every day of a month in some year, so only a month can be too short.
    fn can_come(&self) -> bool {
        let has_day = |month: i8| {
            let days = Date::new(2024, month, 1).map_or(0, Date::days_in_month);
            self.month.values & (1 << month) != 0 && self.day.values & ((2 << days) - 2) != 0
        };
        self.is_either_enough() || self.day.items.contains(&Item::LastDay) || (1..=12).any(has_day)
    }

    pub(super) fn describe(&self) -> String {
        let months = if self.month.is_everything() {
            String::new()
        } else {
            format!(" in {}", words::list(&self.month, 1..=12, words::month))
        };
        let days = self.describe_days();
        if let Some(times) = self.describe_times() {
            return format!("At {times}{}{months}", days.as_deref().unwrap_or(" every day"));
        }
        let (minutes, hours) = (self.describe_minutes(), self.describe_hours());
        format!("{minutes}{hours}{}{months}", days.unwrap_or_default())
    }

    /// The times of the day, if they are few.
    fn describe_times(&self) -> Option<String> {
        let (minutes, hours) = (self.minute.singles()?, self.hour.singles()?);
        let times = hours.iter().flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")));
        (minutes.len() * hours.len() <= 4).then(|| words::join(times.collect()))
    }

    fn describe_minutes(&self) -> String {
        match (self.minute.items.as_slice(), self.hour.items.as_slice()) {
            ([Item::Every { step: 1 }], _) => "Every minute".to_owned(),
            ([Item::Every { step }], _) => words::every(*step, 60, "minutes", "the full hour"),
            (_, [Item::Every { step: 1 }]) if self.is_on_the_hour() => "Every hour".to_owned(),
            (_, [Item::Every { step }]) if self.is_on_the_hour() => words::every(*step, 24, "hours", "midnight"),
            _ => {
                let minutes = words::list(&self.minute, 0..=59, |minute| minute.to_string());
                format!("At {}", words::plural("minute", &self.minute, &minutes))
            }
        }
    }

    fn describe_hours(&self) -> String {
        match (self.minute.items.as_slice(), self.hour.items.as_slice()) {
            (_, [Item::Every { .. }]) if self.is_on_the_hour() => String::new(),
            ([Item::Every { .. }], [Item::Every { step: 1 }]) => String::new(),
            (_, [Item::Every { step: 1 }]) => " of every hour".to_owned(),
            _ => {
                let hours = words::list(&self.hour, 0..=23, |hour| hour.to_string());
                format!(" in {}", words::plural("hour", &self.hour, &hours))
            }
        }
    }

    fn is_on_the_hour(&self) -> bool {
        self.minute.singles().is_some_and(|minutes| minutes == [0])
    }

    fn describe_days(&self) -> Option<String> {
        let (days, weekdays) = (words::days(&self.day), words::weekdays(&self.weekday));
        match (self.day.is_everything(), self.weekday.is_everything()) {
            (true, true) => None,
            (false, true) => Some(format!(" on {days}")),
            (true, false) => Some(format!(" on {weekdays}")),
            (false, false) if self.is_either_enough() => Some(format!(" on {days} or on {weekdays}")),
            (false, false) => Some(format!(" on {days}, only if it is {weekdays}")),
        }
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {} {}", self.minute, self.hour, self.day, self.month, self.weekday)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn days(text: &str, month: Date) -> Vec<u32> {
        let bits = Cron::parse(&["0", "0"].into_iter().chain(text.split(' ')).collect::<Vec<_>>()).unwrap().days(month);
        (0..32).filter(|day| bits & (1 << day) != 0).collect()
    }

    #[test]
    fn both_fields_choose_the_days() {
        let november = date(2026, 11, 1); // a Sunday
        assert_eq!(days("* * *", november).len(), 30);
        assert_eq!(days("13 * fri", november), [6, 13, 20, 27]);
        assert_eq!(days("14 * fri", november), [6, 13, 14, 20, 27]);
        assert_eq!(days("*/2 * fri", november), [13, 27]);
        assert_eq!(days("1-7 * */2", november), [1, 3, 5, 7]);
        assert_eq!(days("15,L * *", november), [15, 30]);
        assert!(days("31 * *", november).is_empty());
        assert!(days("* 1-10 *", november).is_empty());
        assert_eq!(days("* nov mon#1,mon#L,tue#5", november), [2, 30]);
        assert_eq!(days("* * fri-mon", november), [1, 2, 6, 7, 8, 9, 13, 14, 15, 16, 20, 21, 22, 23, 27, 28, 29, 30]);
        assert_eq!(days("* * 0", november), days("* * 7", november));
        assert_eq!(days("* * 5-7", november), days("* * fri-sun", november));
        assert_eq!(days("* * 0-7", november).len(), 30);
        assert_eq!(days("* * 7-7", november), [1, 8, 15, 22, 29]);
    }
}
