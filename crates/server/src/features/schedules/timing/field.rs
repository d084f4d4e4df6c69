//! One field of a cron timing: a list of values, ranges and steps.
//!
//! The list is kept as it was written, without what is said twice: `*` and `0-23` name the same hours, but not the same intention.

use std::fmt;

use jiff::civil::{Date, Weekday};

use super::TimingError;

/// What a field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) unit: Unit,
    pub(super) items: Vec<Item>,
    /// The values named outright; the last day and weekdays of a certain week depend on the month.
    pub(super) values: u64,
}

/// One part of the list. A step of one is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Every {
        step: u8,
    },
    /// A range of weekdays may end in the next week: `fri-mon` is 5 to 8.
    Range {
        first: u8,
        last: u8,
        step: u8,
    },
    LastDay,
    Nth(Nth, u8),
}

/// Which of the weekdays of one name that a month has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Nth {
    Week(u8),
    Last,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day-of-month",
            Self::Month => "month",
            Self::Weekday => "day-of-week",
        }
    }

    /// The smallest and the largest value; a Sunday at the end of the week is taken apart from this.
    const fn bounds(self) -> (u8, u8) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 6),
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Minute => "a number from 0 to 59, a range such as 0-30, or */15",
            Self::Hour => "a number from 0 to 23, a range such as 8-17, or */2",
            Self::Day => "a number from 1 to 31, a range such as 1-7, or L for the last day",
            Self::Month => "a number from 1 to 12, a name such as jan, or a range such as 1-3",
            Self::Weekday => "a number from 0 to 7, a name such as mon, or mon#2 for the second one of the month",
        }
    }

    fn misfit(self, text: &str) -> TimingError {
        TimingError::Value { field: self.name(), text: text.to_owned(), expected: self.expected() }
    }

    fn parse_value(self, text: &str) -> Option<u8> {
        let named = match self {
            Self::Month => parse_name(text, &MONTHS).map(|index| index + 1),
            Self::Weekday => parse_name(text, &WEEKDAYS),
            Self::Minute | Self::Hour | Self::Day => None,
        };
        let (min, max) = self.bounds();
        let max = if self == Self::Weekday { 7 } else { max };
        named.or_else(|| parse_number(text)).filter(|value| (min..=max).contains(value))
    }
}

impl Field {
    pub(super) fn parse(unit: Unit, text: &str) -> Result<Self, TimingError> {
        let mut items = text.split(',').map(|part| Item::parse(unit, part)).collect::<Result<Vec<_>, _>>()?;
        items.sort_unstable();
        items.dedup();
        if items.contains(&Item::Every { step: 1 }) {
            items.truncate(1);
        }
        let values = items.iter().flat_map(|item| item.values(unit)).fold(0, |values, value| values | 1 << value);
        Ok(Self { unit, items, values })
    }

    /// Whether it has a star, so that it does not choose on its own.
    pub(super) fn has_star(&self) -> bool {
        matches!(self.items.first(), Some(Item::Every { .. }))
    }

    pub(super) fn is_everything(&self) -> bool {
        self.items == [Item::Every { step: 1 }]
    }

    /// Whether it goes by steps, of which a star makes steps of one.
    pub(super) fn is_stepped(&self) -> bool {
        self.items.iter().any(|item| match *item {
            Item::Every { .. } => true,
            Item::Range { step, .. } => step > 1,
            Item::LastDay | Item::Nth(..) => false,
        })
    }

    /// The values, if each is written on its own.
    pub(super) fn singles(&self) -> Option<Vec<u8>> {
        let single = |item: &Item| match *item {
            Item::Range { first, last, .. } if first == last => Some(first),
            _ => None,
        };
        self.items.iter().map(single).collect()
    }
}

impl Item {
    fn parse(unit: Unit, text: &str) -> Result<Self, TimingError> {
        if unit == Unit::Day && text.eq_ignore_ascii_case("l") {
            return Ok(Self::LastDay);
        }
        if unit == Unit::Weekday
            && let Some((weekday, nth)) = text.split_once('#')
        {
            let nth = Nth::parse(nth, "l").ok_or_else(|| unit.misfit(text))?;
            return parse_weekday(weekday).map(|weekday| Self::Nth(nth, weekday)).ok_or_else(|| unit.misfit(text));
        }
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(parse_step(unit, text, step)?)),
            None => (text, None),
        };
        if range == "*" {
            return Ok(Self::Every { step: step.unwrap_or(1) });
        }
        let value = |text_of_value| unit.parse_value(text_of_value).ok_or_else(|| unit.misfit(text));
        if let Some((first, last)) = range.split_once('-') {
            let (first, last) = order(unit, text, value(first)?, value(last)?)?;
            return Ok(Self::Range { first, last, step: step.unwrap_or(1) });
        }
        let value = value(range)?;
        if step.is_some() {
            return Err(TimingError::StepWithoutRange { field: unit.name(), text: text.to_owned() });
        }
        let value = if unit == Unit::Weekday { value % 7 } else { value };
        Ok(Self::Range { first: value, last: value, step: 1 })
    }

    fn values(self, unit: Unit) -> impl Iterator<Item = u8> {
        let (first, last, step) = match self {
            Self::Every { step } => (unit.bounds().0, unit.bounds().1, step),
            Self::Range { first, last, step } => (first, last, step),
            Self::LastDay | Self::Nth(..) => (1, 0, 1),
        };
        (first..=last).step_by(step.into()).map(move |value| if unit == Unit::Weekday { value % 7 } else { value })
    }
}

impl Nth {
    pub(super) fn parse(text: &str, last: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case(last) {
            return Some(Self::Last);
        }
        parse_number(text).filter(|week| (1..=5).contains(week)).map(Self::Week)
    }

    /// The day of the month that begins with `month`; not every one has a fifth.
    pub(super) fn day(self, weekday: u8, month: Date) -> Option<u8> {
        let begins = sunday_zero(month.weekday());
        let first = 1 + (7 + weekday - begins) % 7;
        let days = month.days_in_month().unsigned_abs();
        match self {
            Self::Week(week) => Some(first + 7 * (week - 1)).filter(|day| *day <= days),
            Self::Last => Some(first + (days - first) / 7 * 7),
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Week(1) => "first",
            Self::Week(2) => "second",
            Self::Week(3) => "third",
            Self::Week(4) => "fourth",
            Self::Week(_) => "fifth",
            Self::Last => "last",
        }
    }
}

/// The days since Sunday.
pub(super) fn sunday_zero(weekday: Weekday) -> u8 {
    weekday.to_sunday_zero_offset().unsigned_abs()
}

pub(super) fn parse_weekday(text: &str) -> Option<u8> {
    Unit::Weekday.parse_value(text).map(|weekday| weekday % 7)
}

/// Digits only: what parses numbers takes a sign too.
pub(super) fn parse_number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn parse_name(text: &str, names: &[&str]) -> Option<u8> {
    (0..).zip(names).find(|(_, name)| text.eq_ignore_ascii_case(name)).map(|(index, _)| index)
}

fn parse_step(unit: Unit, text: &str, step: &str) -> Result<u8, TimingError> {
    let (min, max) = unit.bounds();
    let max = max - min;
    let step = parse_number(step).filter(|step| (1..=max).contains(step));
    step.ok_or_else(|| TimingError::Step { field: unit.name(), text: text.to_owned(), max })
}

fn order(unit: Unit, text: &str, first: u8, last: u8) -> Result<(u8, u8), TimingError> {
    match unit {
        Unit::Weekday if (first, last) == (0, 7) => Ok((0, 6)),
        Unit::Weekday if last % 7 < first % 7 => Ok((first % 7, last % 7 + 7)),
        Unit::Weekday => Ok((first % 7, last % 7)),
        _ if last < first => Err(TimingError::Backwards { field: unit.name(), text: text.to_owned() }),
        _ => Ok((first, last)),
    }
}

pub(super) const fn weekday_name(weekday: u8) -> &'static str {
    WEEKDAYS[weekday as usize % 7]
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            self.write_item(f, *item)?;
        }
        Ok(())
    }
}

impl Field {
    fn write_item(&self, f: &mut fmt::Formatter<'_>, item: Item) -> fmt::Result {
        let (Item::Every { step } | Item::Range { step, .. }) = item else {
            return match item {
                Item::Nth(Nth::Week(week), weekday) => write!(f, "{}#{week}", weekday_name(weekday)),
                Item::Nth(Nth::Last, weekday) => write!(f, "{}#L", weekday_name(weekday)),
                _ => f.write_str("L"),
            };
        };
        match item {
            Item::Range { first, last, .. } => {
                self.write_value(f, first)?;
                if first != last || step > 1 {
                    f.write_str("-")?;
                    self.write_value(f, last)?;
                }
            }
            _ => f.write_str("*")?,
        }
        if step > 1 { write!(f, "/{step}") } else { Ok(()) }
    }

    fn write_value(&self, f: &mut fmt::Formatter<'_>, value: u8) -> fmt::Result {
        if self.unit == Unit::Weekday { f.write_str(weekday_name(value)) } else { write!(f, "{value}") }
    }
}
