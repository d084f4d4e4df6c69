//! Every minute of two years in six zones, against a clock that is watched: it knows neither the offsets' changes nor how
//! timings are searched, only what the wall clock reads at each instant.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday, date},
    tz::TimeZone,
};

use super::{MAX_MISSED, Timing};

/// A timing, whether times that come twice count twice, and which local times it names: the minute first, as it is the cheapest.
struct Case {
    text: &'static str,
    comes_twice: bool,
    minutes: fn(i8) -> bool,
    hours: fn(i8) -> bool,
    days: fn(Date) -> bool,
}

const fn case(
    text: &'static str,
    comes_twice: bool,
    minutes: fn(i8) -> bool,
    hours: fn(i8) -> bool,
    days: fn(Date) -> bool,
) -> Case {
    Case { text, comes_twice, minutes, hours, days }
}

const CASES: [Case; 16] = [
    case("30 2 * * *", false, |m| m == 30, |h| h == 2, |_| true),
    case("*/15 * * * *", true, |m| m % 15 == 0, |_| true, |_| true),
    case("0 * * * *", true, |m| m == 0, |_| true, |_| true),
    case("7,47 0-3 * * *", false, |m| m == 7 || m == 47, |h| h < 4, |_| true),
    case("20 */2 * * *", true, |m| m == 20, |h| h % 2 == 0, |_| true),
    case("*/10 1-3/2 * * sun", true, |m| m % 10 == 0, |h| h == 1 || h == 3, |d| d.weekday() == Weekday::Sunday),
    case("0-59 1,2 * * 6-7", false, |_| true, |h| h == 1 || h == 2, |d| d.weekday().to_monday_zero_offset() > 4),
    case("0 0 * * *", false, |m| m == 0, |h| h == 0, |_| true),
    case("0 3 * * tue#2", false, |m| m == 0, |h| h == 3, |d| is_nth_tuesday(d, 2)),
    case("nth 2 tue 03:00 +1", false, |m| m == 0, |h| h == 3, |d| is_nth_tuesday(d.yesterday().unwrap(), 2)),
    case("nth 5 tue 02:15 +9", false, |m| m == 15, |h| h == 2, |d| is_nth_tuesday(d.checked_sub(9.days()).unwrap(), 5)),
    case("nth last sun 02:30", false, |m| m == 30, |h| h == 2, is_last_sunday),
    case("0 0 29 2 *", false, |m| m == 0, |h| h == 0, |d| d.month() == 2 && d.day() == 29),
    case("59 23 L * *", false, |m| m == 59, |h| h == 23, |d| d.tomorrow().unwrap().day() == 1),
    case(
        "30 1-3 13 1-6,10 fri,sun#L",
        false,
        |m| m == 30,
        |h| (1..=3).contains(&h),
        |d| {
            let is_month = d.month() <= 6 || d.month() == 10;
            is_month && (d.day() == 13 || d.weekday() == Weekday::Friday || is_last_sunday(d))
        },
    ),
    case("5 12 */3 * mon", false, |m| m == 5, |h| h == 12, |d| d.day() % 3 == 1 && d.weekday() == Weekday::Monday),
];

fn is_nth_tuesday(day: Date, nth: i8) -> bool {
    day.weekday() == Weekday::Tuesday && (day.day() - 1) / 7 + 1 == nth
}

fn is_last_sunday(day: Date) -> bool {
    day.weekday() == Weekday::Sunday && day.checked_add(7.days()).unwrap().month() != day.month()
}

/// Which cases name a minute, an hour and a day, one bit each; days are counted since 1970 and kept, as most minutes are in the
/// day of the minute before.
struct Names {
    minutes: Vec<u32>,
    hours: Vec<u32>,
    day: (i64, u32),
}

impl Names {
    fn new() -> Self {
        let bits = |is_named: &dyn Fn(&Case) -> bool| {
            (0..CASES.len()).filter(|index| is_named(&CASES[*index])).fold(0, |bits, index| bits | 1 << index)
        };
        Self {
            minutes: (0..60).map(|minute| bits(&|case| (case.minutes)(minute))).collect(),
            hours: (0..24).map(|hour| bits(&|case| (case.hours)(hour))).collect(),
            day: (i64::MIN, 0),
        }
    }

    /// The cases that name the local minute `local`, counted since 1970.
    fn at(&mut self, local: i64) -> u32 {
        let (day, minute) = (local.div_euclid(1440), local.rem_euclid(1440) as usize);
        if self.day.0 != day {
            let date = date(1970, 1, 1).checked_add(day.days()).unwrap();
            let named = (0..CASES.len()).filter(|index| (CASES[*index].days)(date));
            self.day = (day, named.fold(0, |bits, index| bits | 1 << index));
        }
        self.day.1 & self.hours[minute / 60] & self.minutes[minute % 60]
    }
}

/// The occurrences of each case from the minute `begin` to the minute `end`, both counted since 1970.
fn watch(zone: &TimeZone, begin: i64, end: i64) -> Vec<Vec<Timestamp>> {
    let twice = (0..CASES.len()).filter(|index| CASES[*index].comes_twice).fold(0, |bits, index| bits | 1 << index);
    let mut due = vec![Vec::new(); CASES.len()];
    let mut names = Names::new();
    let mut furthest = None;
    for minute in begin..=end {
        let instant = Timestamp::from_second(minute * 60).unwrap();
        let local = minute + i64::from(zone.to_offset(instant).seconds() / 60);
        let mut reached = furthest.unwrap_or(local - 1);
        let mut named = 0;
        if local <= reached {
            named = names.at(local) & twice;
        }
        while reached < local {
            reached += 1;
            named |= names.at(reached);
        }
        furthest = Some(reached);
        while named != 0 {
            due[named.trailing_zeros() as usize].push(instant);
            named &= named - 1;
        }
    }
    due
}

fn compare(name: &str, begin: Date) {
    let zone = TimeZone::get(name).unwrap();
    let minute = |date: Date| date.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second() / 60;
    let (begin, end) = (minute(begin), minute(begin.checked_add(2.years()).unwrap()));
    let due = watch(&zone, begin, end);
    let instant = |seconds: i64| Timestamp::from_second(seconds).unwrap();
    let (first, last) = (instant(begin * 60), instant(end * 60));
    let changes: Vec<i64> = zone
        .following(first)
        .take_while(|change| change.timestamp() < last)
        .map(|change| change.timestamp().as_second())
        .collect();

    let mut seed = 1_u64;
    let mut random = move |below: i64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as i64 % below
    };
    let mut probes: Vec<i64> = (0..400).map(|_| begin * 60 + random((end - begin) * 60)).collect();
    // around each change: the minutes, and a moment within each of them
    probes.extend(changes.iter().flat_map(|change| (-150..=150).map(move |minute| change + minute * 60)));
    probes.extend(changes.iter().flat_map(|change| (-50..=50).map(move |minute| change + minute * 180 + 29)));

    for (case, due) in CASES.iter().zip(&due) {
        let timing = Timing::parse(case.text).unwrap();
        let place = |instant: Timestamp| due.partition_point(|due| *due <= instant);
        let next = |instant| timing.next_after(instant, &zone).filter(|next| *next <= last);
        // each follows the one before it; a dense timing is followed near the changes only
        let followed: Vec<Timestamp> = if due.len() < 5000 {
            due.clone()
        } else {
            let is_near = |due: &&Timestamp| changes.iter().any(|change| (due.as_second() - change).abs() < 86_400);
            due.iter().filter(is_near).copied().collect()
        };
        for instant in followed.into_iter().chain(probes.iter().map(|seconds| instant(*seconds))) {
            let expected = due.get(place(instant)).copied();
            assert_eq!(next(instant), expected, "{} in {name} after {}", case.text, local(instant, &zone));
        }
        for _ in 0..4 {
            let (after, until) =
                (instant(begin * 60 + random((end - begin) * 60)), instant(begin * 60 + random((end - begin) * 60)));
            let missed = due.get(place(after)..place(until)).unwrap_or_default();
            let expected = missed.last().map(|latest| (*latest, (missed.len() as u32).min(MAX_MISSED)));
            assert_eq!(timing.latest_at_or_before(after, until, &zone), expected, "{} {after} {until}", case.text);
        }
    }
}

fn local(instant: Timestamp, zone: &TimeZone) -> DateTime {
    zone.to_datetime(instant)
}

#[test]
fn berlin_changes_by_an_hour() {
    compare("Europe/Berlin", date(2027, 1, 1));
}

#[test]
fn new_york_changes_by_an_hour() {
    compare("America/New_York", date(2027, 1, 1));
}

#[test]
fn lord_howe_changes_by_half_an_hour() {
    compare("Australia/Lord_Howe", date(2027, 1, 1));
}

#[test]
fn casablanca_changes_around_ramadan() {
    compare("Africa/Casablanca", date(2027, 1, 1));
}

#[test]
fn kathmandu_never_changes() {
    compare("Asia/Kathmandu", date(2027, 1, 1));
}

#[test]
fn apia_skipped_a_day() {
    compare("Pacific/Apia", date(2010, 7, 1));
}

#[test]
fn the_rules_of_the_clock_in_words() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let after = |text: &str, local: DateTime| {
        let timing = Timing::parse(text).unwrap();
        let mut instant = local.to_zoned(berlin.clone()).unwrap().timestamp();
        let next = |_| {
            instant = timing.next_after(instant, &berlin).unwrap();
            instant.to_zoned(berlin.clone()).strftime("%d %H:%M %Z").to_string()
        };
        (0..4).map(next).collect::<Vec<_>>()
    };
    let (spring, autumn) = (date(2027, 3, 27).at(12, 0, 0, 0), date(2027, 10, 30).at(12, 0, 0, 0));
    assert_eq!(after("30 2 * * *", spring), ["28 03:00 CEST", "29 02:30 CEST", "30 02:30 CEST", "31 02:30 CEST"]);
    assert_eq!(after("10,50 2 * * *", spring)[..2], ["28 03:00 CEST", "29 02:10 CEST"]);
    assert_eq!(after("30 2 * * *", autumn)[..2], ["31 02:30 CEST", "01 02:30 CET"]);
    assert_eq!(after("10,50 2 * * *", autumn)[..3], ["31 02:10 CEST", "31 02:50 CEST", "01 02:10 CET"]);
    let hourly = after("30 * * * *", date(2027, 10, 31).at(1, 0, 0, 0));
    assert_eq!(hourly, ["31 01:30 CEST", "31 02:30 CEST", "31 02:30 CET", "31 03:30 CET"]);
    let apia = TimeZone::get("Pacific/Apia").unwrap();
    let eve = date(2011, 12, 29).at(12, 0, 0, 0).to_zoned(apia.clone()).unwrap().timestamp();
    let next = Timing::parse("30 2 * * *").unwrap().next_after(eve, &apia).unwrap();
    assert_eq!(local(next, &apia), date(2011, 12, 31).at(0, 0, 0, 0));
}

#[test]
fn a_leap_day_is_found_over_eight_years() {
    let timing = Timing::parse("0 0 29 2 *").unwrap();
    let midnight = |date: Date| date.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let next = timing.next_after(midnight(date(2096, 2, 29)), &TimeZone::UTC);
    assert_eq!(next, Some(midnight(date(2104, 2, 29))));
    let rare = Timing::parse("0 0 * 2 mon#5").unwrap();
    assert_eq!(rare.next_after(midnight(date(2030, 1, 1)), &TimeZone::UTC), None);
    assert_eq!(rare.next_after(midnight(date(2037, 1, 1)), &TimeZone::UTC), Some(midnight(date(2044, 2, 29))));
}
