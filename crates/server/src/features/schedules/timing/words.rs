//! A timing in a sentence for people.

use std::ops::RangeInclusive;

use super::field::{Field, Item, Unit};

pub(super) fn weekday(weekday: u8) -> String {
    let names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    names[usize::from(weekday % 7)].to_owned()
}

pub(super) fn month(month: u8) -> String {
    let names = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    names[usize::from(month.saturating_sub(1) % 12)].to_owned()
}

pub(super) fn days(field: &Field) -> String {
    let last = field.items.contains(&Item::LastDay);
    let mut numbers = field.clone();
    numbers.items.retain(|item| *item != Item::LastDay);
    let text = list(&numbers, 1..=31, |day| day.to_string());
    match (last, text.is_empty()) {
        (true, true) => "the last day of the month".to_owned(),
        (true, false) => format!("{} and the last day of the month", plural("day", &numbers, &text)),
        (false, _) => format!("{} of the month", plural("day", &numbers, &text)),
    }
}

pub(super) fn weekdays(field: &Field) -> String {
    list(field, 0..=6, weekday)
}

pub(super) fn list(field: &Field, all: RangeInclusive<u8>, name: impl Fn(u8) -> String) -> String {
    let phrase = |item: &Item| match *item {
        Item::Every { step } => range(*all.start(), *all.end(), step, &name),
        Item::Range { first, last, step } => range(first, last, step, &name),
        Item::LastDay => "the last day".to_owned(),
        Item::Nth(nth, weekday) => format!("the {} {} of the month", nth.word(), name(weekday)),
    };
    let is_named = matches!(field.unit, Unit::Month | Unit::Weekday);
    if !field.is_stepped() || (field.items.len() == 1 && !is_named) {
        return join(field.items.iter().map(phrase).collect());
    }
    // "in steps of 20 and 3" would be a riddle, and names are not counted
    let values = all.clone().filter(|value| field.values & (1 << value) != 0).map(&name);
    let others = field.items.iter().filter(|item| matches!(item, Item::LastDay | Item::Nth(..))).map(phrase);
    join(values.chain(others).collect())
}

fn range(first: u8, last: u8, step: u8, name: impl Fn(u8) -> String) -> String {
    match (first == last, step) {
        (true, _) => name(first),
        (false, 1) => format!("{} to {}", name(first), name(last)),
        (false, _) => format!("{} to {} in steps of {step}", name(first), name(last)),
    }
}

pub(super) fn plural(word: &str, field: &Field, list: &str) -> String {
    let is_one = field.singles().is_some_and(|values| values.len() == 1);
    if is_one { format!("{word} {list}") } else { format!("{word}s {list}") }
}

/// Steps that do not fill the whole begin anew each time, which an "every" alone would hide.
pub(super) fn every(step: u8, whole: u8, units: &str, begins: &str) -> String {
    if whole.is_multiple_of(step) {
        format!("Every {step} {units}")
    } else {
        format!("Every {step} {units} from {begins} on")
    }
}

pub(super) fn join(mut parts: Vec<String>) -> String {
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) }
}
