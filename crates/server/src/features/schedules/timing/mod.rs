//! When a schedule is due: a *timing* is a set of local times (a day and a minute), written as five cron fields or as the nth
//! weekday of the month. An *occurrence* is the instant at which a zone's wall clock reaches one of them.
//!
//! A clock that is put forward or back still reaches each local time once: one in the gap is due at the first instant after it
//! (several there are one occurrence), one that comes twice is due when it comes first. Only if the hours are `*` or have a
//! step, a time that comes twice is due both times, so that an hourly job runs in each real hour.
//!
//! Nothing here knows what time it is; a text, a zone and an instant always give the same answer.

mod cron;
mod error;
mod field;
mod nth;
#[cfg(test)]
mod proof;
mod words;

use std::fmt;

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use self::{cron::Cron, nth::NthWeekday};

pub(crate) use self::error::TimingError;

/// How long the text of a timing may be.
pub(crate) const MAX_BYTES: usize = 200;

/// How many missed occurrences are counted.
pub(crate) const MAX_MISSED: u32 = 1000;

const MOMENT: SignedDuration = SignedDuration::from_nanos(1);

/// The local times at which something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timing(Rule);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Cron(Cron),
    Nth(NthWeekday),
}

impl Timing {
    /// Reads five cron fields, `nth 2 tue 03:00 +1`, or `@hourly`, `@daily`, `@weekly`, `@monthly`.
    pub(crate) fn parse(text: &str) -> Result<Self, TimingError> {
        if text.len() > MAX_BYTES {
            return Err(TimingError::TooLong);
        }
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let rule = match words.as_slice() {
            [] => return Err(TimingError::Empty),
            [name] if name.starts_with('@') => Rule::Cron(Cron::parse(&macro_fields(name)?)?),
            [nth, rest @ ..] if nth.eq_ignore_ascii_case("nth") => Rule::Nth(NthWeekday::parse(rest)?),
            fields => Rule::Cron(Cron::parse(fields)?),
        };
        Ok(Self(rule))
    }

    /// The first occurrence after `instant`, if there is one within eight years: the longest time between two 29ths of February. What
    /// is rarer still, such as a fifth Monday in February, may have none for now.
    pub(crate) fn next_after(&self, instant: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let last = zone.to_datetime(instant).date().saturating_add(8.years());
        self.find_after(instant, zone, last)
    }

    /// The latest occurrence after `after` and not after `until`, and how many there are, counted up to [`MAX_MISSED`].
    pub(crate) fn latest_at_or_before(
        &self,
        after: Timestamp,
        until: Timestamp,
        zone: &TimeZone,
    ) -> Option<(Timestamp, u32)> {
        let last = zone.to_datetime(until).date().saturating_add(1.day());
        let next = |instant| self.find_after(instant, zone, last).filter(|next| *next <= until);
        let mut latest = next(after)?;
        for count in 1..MAX_MISSED {
            match next(latest) {
                Some(later) => latest = later,
                None => return Some((latest, count)),
            }
        }
        // too many to visit: `latest` is an occurrence, and none comes after `end`
        let mut end = until.as_second();
        while latest.as_second() < end {
            let middle = latest.as_second().midpoint(end);
            match Timestamp::from_second(middle).ok().and_then(next) {
                Some(later) => latest = later,
                None => end = middle,
            }
        }
        Some((latest, MAX_MISSED))
    }

    /// A short sentence for people.
    pub(crate) fn describe(&self) -> String {
        match &self.0 {
            Rule::Cron(cron) => cron.describe(),
            Rule::Nth(nth) => nth.describe(),
        }
    }

    /// The first occurrence after `instant` whose local time is not after the day `last`.
    fn find_after(&self, instant: Timestamp, zone: &TimeZone, last: Date) -> Option<Timestamp> {
        let comes_twice = self.comes_twice();
        let read = zone.to_datetime(instant).checked_add(MOMENT).ok()?;
        let mut from = if comes_twice { read } else { read.max(furthest(instant, zone)) };
        let mut since = instant;
        loop {
            let due = self.local_at_or_after(from, last)?;
            let offset = zone.to_offset(since);
            let at = offset.to_timestamp(due).ok()?;
            let Some(change) = zone.following(since).next().filter(|change| change.timestamp() <= at) else {
                return Some(at);
            };
            since = change.timestamp();
            let (before, after) = (offset.to_datetime(since), change.offset().to_datetime(since));
            if due <= after {
                return Some(since);
            }
            from = if comes_twice && after < before { after } else { due };
        }
    }

    fn local_at_or_after(&self, from: DateTime, last: Date) -> Option<DateTime> {
        let from = whole_minute(from)?;
        let mut month = from.date().first_of_month();
        let mut days = self.days(month) & (u32::MAX << from.day());
        loop {
            while days != 0 {
                let day = days.trailing_zeros();
                let date = Date::new(month.year(), month.month(), day as i8).ok().filter(|date| *date <= last)?;
                let (hour, minute) = if date == from.date() { (from.hour(), from.minute()) } else { (0, 0) };
                if let Some((hour, minute)) = self.time_at_or_after(hour, minute) {
                    return Some(date.at(hour, minute, 0, 0));
                }
                days &= days - 1;
            }
            month = month.last_of_month().tomorrow().ok().filter(|month| *month <= last)?;
            days = self.days(month);
        }
    }

    fn time_at_or_after(&self, hour: i8, minute: i8) -> Option<(i8, i8)> {
        let (hours, minutes) = self.times();
        let (this_hour, later_hours) = (hours & (1 << hour), hours & (u64::MAX << (hour + 1)));
        let later_minutes = minutes & (u64::MAX << minute);
        if this_hour != 0 && later_minutes != 0 {
            return Some((hour, later_minutes.trailing_zeros() as i8));
        }
        (later_hours != 0).then(|| (later_hours.trailing_zeros() as i8, minutes.trailing_zeros() as i8))
    }

    fn days(&self, month: Date) -> u32 {
        match &self.0 {
            Rule::Cron(cron) => cron.days(month),
            Rule::Nth(nth) => nth.days(month),
        }
    }

    /// The hours and the minutes, one bit each.
    fn times(&self) -> (u64, u64) {
        match &self.0 {
            Rule::Cron(cron) => (cron.hour.values, cron.minute.values),
            Rule::Nth(nth) => (1 << nth.hour, 1 << nth.minute),
        }
    }

    fn comes_twice(&self) -> bool {
        match &self.0 {
            Rule::Cron(cron) => cron.hour.is_stepped(),
            Rule::Nth(_) => false,
        }
    }
}

fn macro_fields(name: &str) -> Result<[&'static str; 5], TimingError> {
    match name.to_ascii_lowercase().as_str() {
        "@hourly" => Ok(["0", "*", "*", "*", "*"]),
        "@daily" => Ok(["0", "0", "*", "*", "*"]),
        "@weekly" => Ok(["0", "0", "*", "*", "sun"]),
        "@monthly" => Ok(["0", "0", "1", "*", "*"]),
        _ => Err(TimingError::UnknownMacro(name.to_owned())),
    }
}

/// How far the wall clock had come when it was last changed: after it was put back, it reads times it has been at before.
fn furthest(instant: Timestamp, zone: &TimeZone) -> DateTime {
    let change = instant.checked_add(MOMENT).ok().and_then(|end| zone.preceding(end).next());
    let furthest = change.and_then(|change| {
        let before = change.timestamp().checked_sub(MOMENT).ok()?;
        Some(zone.to_offset(before).to_datetime(change.timestamp()))
    });
    furthest.unwrap_or(DateTime::MIN)
}

fn whole_minute(time: DateTime) -> Option<DateTime> {
    let begun = time.date().at(time.hour(), time.minute(), 0, 0);
    if begun == time { Some(time) } else { begun.checked_add(1.minute()).ok() }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::Cron(cron) => cron.fmt(f),
            Rule::Nth(nth) => nth.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        Timing::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_timing_is_written_in_one_way_and_read_back() {
        for (given, written) in [
            ("30 2 * * *", "30 2 * * *"),
            ("  */15\t* *  * * ", "*/15 * * * *"),
            ("0 3 * JAN,3 TUE#2", "0 3 * 1,3 tue#2"),
            ("0 3 l * fri#l", "0 3 L * fri#L"),
            ("05,5,1 08-18/2 1-7 * 7", "1,5 8-18/2 1-7 * sun"),
            ("0 0-23/1 * * 5-0", "0 0-23 * * fri-sun"),
            ("*,5 */1 */10,3 */3 0-7", "* * */10,3 */3 sun-sat"),
            ("0 0 * * fri-mon/2", "0 0 * * fri-mon/2"),
            ("NTH 2 Tue 3:00", "nth 2 tue 03:00 +0"),
            ("nth last fri 22:30 +20", "nth last fri 22:30 +20"),
            ("@hourly", "0 * * * *"),
            ("@Daily", "0 0 * * *"),
            ("@weekly", "0 0 * * sun"),
            ("@monthly", "0 0 1 * *"),
        ] {
            let timing = Timing::parse(given).unwrap();
            assert_eq!(timing.to_string(), written, "{given:?}");
            assert_eq!(Timing::parse(written), Ok(timing), "{given:?}");
        }
    }

    #[test]
    fn what_is_wrong_names_the_field_and_the_way_out() {
        let minute = "write a number from 0 to 59, a range such as 0-30, or */15";
        let weekday = "write a number from 0 to 7, a name such as mon, or mon#2 for the second one of the month";
        for (text, error) in [
            ("60 * * * *", format!("minute: \"60\" does not fit; {minute}")),
            ("+5 * * * *", format!("minute: \"+5\" does not fit; {minute}")),
            (", * * * *", format!("minute: \"\" does not fit; {minute}")),
            ("1-99 * * * *", format!("minute: \"1-99\" does not fit; {minute}")),
            ("0 0 * * tue#6", format!("day-of-week: \"tue#6\" does not fit; {weekday}")),
            ("0 0 * * L", format!("day-of-week: \"L\" does not fit; {weekday}")),
            ("0 0 * * mon-fri#1", format!("day-of-week: \"mon-fri#1\" does not fit; {weekday}")),
        ] {
            assert_eq!(told(text), error);
        }
        for (text, error) in [
            ("", "the timing is empty; write five fields such as 0 3 * * mon"),
            ("0 3 * *", "the timing has 4 fields; write five: minute hour day-of-month month day-of-week"),
            ("@reboot", "there is no \"@reboot\"; write @hourly, @daily, @weekly or @monthly"),
            ("0 22-4 * * *", "hour: \"22-4\" runs backwards; write it as two ranges with a comma between them"),
            ("*/0 * * * *", "minute: \"*/0\" has no step that works; write a number from 1 to 59 after the slash"),
            ("*/90 * * * *", "minute: \"*/90\" has no step that works; write a number from 1 to 59 after the slash"),
            ("0 2/3 * * *", "hour: \"2/3\" has a step without a range; write * or a range before the slash"),
            ("nth 2 tue", "nth takes three or four words after it; write it as nth 2 tue 03:00 +1"),
            ("nth 6 tue 03:00", "nth: \"6\" does not fit; write a number from 1 to 5, or last"),
            ("nth 2 two 03:00", "weekday: \"two\" does not fit; write a name such as tue"),
            ("nth 2 tue 24:00", "time: \"24:00\" does not fit; write hours and minutes such as 03:00"),
            (
                "nth 2 tue 03:00 +21",
                "days after: \"+21\" does not fit; write a plus and a number from 0 to 20, such as +1",
            ),
        ] {
            assert_eq!(told(text), error);
        }
        assert_eq!(told(&"* ".repeat(101)), "the timing is too long; write at most 200 characters");
    }

    #[test]
    fn what_can_never_come_is_refused() {
        for text in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30-31 feb */2"] {
            assert_eq!(Timing::parse(text), Err(TimingError::Never), "{text}");
        }
        for text in ["0 0 29 2 *", "0 0 30 2 mon", "0 0 30,L 2 *", "0 0 31 2,3 *", "0 0 * 2 mon#5"] {
            assert!(Timing::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn no_text_makes_it_panic_and_what_it_reads_it_reads_again() {
        let pieces = [
            "*", "/", "-", ",", "#", "L", " ", " ", " ", "0", "7", "2", "31", "59", "mon", "FRI", "feb", "nth ",
            "last", "03:00", "+1", "@daily", "é", "256",
        ];
        let mut seed = 1_u64;
        let mut read = 0;
        for round in 0..40_000_u64 {
            let mut random = |below: usize| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 33) as usize % below
            };
            // from noise to something near five fields
            let mut text: String = (0..random(12)).map(|_| pieces[random(pieces.len())]).collect();
            if round % 2 == 0 {
                let field = |random: &mut dyn FnMut(usize) -> usize| {
                    ["*", "*/7", "1", "2-9/3", "L", "3,4", "fri#2", "6-1", "9"][random(9)]
                };
                text = (0..5).map(|_| field(&mut random)).collect::<Vec<_>>().join(" ");
            }
            let Ok(timing) = Timing::parse(&text) else { continue };
            read += 1;
            assert_eq!(Timing::parse(&timing.to_string()), Ok(timing.clone()), "{text:?}");
            assert!(!timing.describe().is_empty());
            let edges = [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX];
            for edge in edges {
                let next = timing.next_after(edge, &TimeZone::UTC);
                assert!(next.is_none_or(|next| next > edge), "{text:?}");
            }
        }
        assert!(read > 500, "{read}");
    }

    #[test]
    fn missed_occurrences_are_counted_up_to_a_thousand() {
        let timing = Timing::parse("* * * * *").unwrap();
        let instant = |second| Timestamp::from_second(second).unwrap();
        let missed = |after, until| timing.latest_at_or_before(instant(after), instant(until), &TimeZone::UTC);
        assert_eq!(missed(0, 0), None);
        assert_eq!(missed(60, 0), None);
        assert_eq!(missed(0, 59), None);
        assert_eq!(missed(0, 60), Some((instant(60), 1)));
        assert_eq!(missed(1, 60), Some((instant(60), 1)));
        assert_eq!(missed(60, 119), None);
        for until in (999 * 60..1002 * 60).step_by(15).chain((10_000_000..10_000_500).step_by(10)) {
            let count = (until / 60).min(1000) as u32;
            assert_eq!(missed(0, until), Some((instant(until / 60 * 60), count)), "{until}");
        }
        let yearly = Timing::parse("0 0 1 1 *").unwrap();
        let latest = yearly.latest_at_or_before(Timestamp::UNIX_EPOCH, instant(1_790_000_000), &TimeZone::UTC);
        assert_eq!(latest, Some((instant(1_767_225_600), 56)));
        // the last one is just in the middle between the thousandth and the end
        let one_day = Timing::parse("* * 1 1 *").unwrap();
        let latest = one_day.latest_at_or_before(Timestamp::UNIX_EPOCH, instant(2 * 86_340 - 60_000), &TimeZone::UTC);
        assert_eq!(latest, Some((instant(86_340), 1000)));
    }

    #[test]
    fn people_read_a_sentence() {
        for (text, sentence) in [
            ("nth 2 tue 03:00 +1", "At 03:00 on the day after the second Tuesday of the month"),
            ("nth last fri 22:00", "At 22:00 on the last Friday of the month"),
            ("* * * * *", "Every minute"),
            ("*/15 * * * *", "Every 15 minutes"),
            ("*/7 * * * *", "Every 7 minutes from the full hour on"),
            ("@hourly", "Every hour"),
            ("0 */6 * * *", "Every 6 hours"),
            ("30 * * * *", "At minute 30 of every hour"),
            ("*/15 8-17 * * mon-fri", "Every 15 minutes in hours 8 to 17 on Monday to Friday"),
            ("0,10,5-8 * * * *", "At minutes 0, 5 to 8 and 10 of every hour"),
            ("*/20,3 * * * *", "At minutes 0, 3, 20 and 40 of every hour"),
            ("* 5 1 * *", "Every minute in hour 5 on day 1 of the month"),
            ("30 8-18/2 * * *", "At minute 30 in hours 8 to 18 in steps of 2"),
            ("30 2 * * *", "At 02:30 every day"),
            ("30 2 * * mon,fri", "At 02:30 on Monday and Friday"),
            ("0,30 2,14 * * *", "At 02:00, 02:30, 14:00 and 14:30 every day"),
            ("0 3 * * tue#2", "At 03:00 on the second Tuesday of the month"),
            ("59 23 L * *", "At 23:59 on the last day of the month"),
            ("0 0 1,15,L * *", "At 00:00 on days 1 and 15 and the last day of the month"),
            ("0 0 29 2 *", "At 00:00 on day 29 of the month in February"),
            ("0 0 1 */3 *", "At 00:00 on day 1 of the month in January, April, July and October"),
            ("0 3 13 1-3 fri", "At 03:00 on day 13 of the month or on Friday in January to March"),
            ("0 3 */2 * mon", "At 03:00 on days 1 to 31 in steps of 2 of the month, only if it is Monday"),
        ] {
            assert_eq!(Timing::parse(text).unwrap().describe(), sentence, "{text}");
        }
    }
}
