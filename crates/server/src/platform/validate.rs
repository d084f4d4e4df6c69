//! Checks that many features share: parse, don't validate.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::http::Problem;

/// Longest name, characters.
pub const NAME_MAX: usize = 200;

/// Longest name of a time zone, bytes.
const ZONE_NAME_MAX: usize = 60;

/// Whether a character is not seen, or turns others around: with it one name can look like another.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}' | '\u{200e}'
            | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text without what is not seen. Joiners stay where scripts need them: after what is neither ASCII nor white space.
pub fn visible(text: &str) -> impl Iterator<Item = char> {
    let mut last = ' ';
    text.chars().filter(move |&c| {
        let is_joiner = matches!(c, '\u{200c}' | '\u{200d}');
        let stays = !is_hidden(c) && !(is_joiner && (last.is_ascii() || last.is_whitespace()));
        if stays {
            last = c;
        }
        stays
    })
}

/// Whether all of a text is seen; cheap for what nearly always is.
pub fn is_visible(text: &str) -> bool {
    !text.contains(|c: char| is_hidden(c) || matches!(c, '\u{200c}' | '\u{200d}'))
}

/// A name as it is stored: trimmed, without what is not seen, not empty.
pub fn name(field: &'static str, text: &str) -> Result<String, Problem> {
    if text.chars().any(char::is_control) {
        return Err(Problem::field(field, "Control characters are not allowed."));
    }
    let text: String = visible(text).collect();
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::field(field, "Give a name."));
    }
    if text.chars().count() > NAME_MAX {
        return Err(Problem::field(field, format!("At most {NAME_MAX} characters.")));
    }
    Ok(text.to_owned())
}

/// The name of a time zone as the database of time zones spells it.
pub fn time_zone(field: &'static str, text: &str) -> Result<String, Problem> {
    let unknown =
        || Problem::field(field, "No such time zone. Write a name such as Europe/Berlin or America/New_York.");
    let zone = TimeZone::get(text).map_err(|_| unknown())?;
    // files that only look like zones have no name of their own
    zone.iana_name().filter(|name| name.len() <= ZONE_NAME_MAX).map(str::to_owned).ok_or_else(unknown)
}

/// A time of so many days: at least one, at most `most`.
pub fn days(field: &'static str, days: i64, most: i64) -> Result<SignedDuration, Problem> {
    if (1..=most).contains(&days) {
        Ok(SignedDuration::from_hours(days * 24))
    } else {
        Err(Problem::field(field, format!("Between 1 and {most} days.")))
    }
}

/// A text to search for: empty means none. NUL cannot be stored, so it can be found nowhere.
pub fn search(value: Option<&str>) -> Result<Option<&str>, Problem> {
    text("search", value)
}

/// A text of the query string that is compared with stored ones: trimmed, empty means none.
pub fn text<'a>(parameter: &'static str, value: Option<&'a str>) -> Result<Option<&'a str>, Problem> {
    match value.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) if text.contains('\0') || text.chars().count() > NAME_MAX => {
            Err(Problem::invalid_request(format!("{parameter} must be at most {NAME_MAX} characters of text.")))
        }
        Some(text) => Ok(Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_is_seen_of_it() {
        for (given, kept) in [
            (" Main office ", "Main office"),
            ("dc\u{200d}01", "dc01"),
            ("\u{202e}10cd", "10cd"),
            ("\u{200f}משרד\u{200e}", "משרד"),
            ("ភ្នំ\u{200b}ពេញ", "ភ្នំពេញ"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("Muster\u{ad}mann", "Mustermann"),
        ] {
            assert_eq!(name("name", given).unwrap(), kept);
        }
        for nothing in ["", "  ", "\u{3164}", "\u{2800}\u{200b}", "\u{200d}"] {
            assert!(name("name", nothing).is_err(), "{nothing:?}");
        }
        assert!(name("name", "a\nb").is_err() && name("name", &"x".repeat(NAME_MAX + 1)).is_err());
        assert!(is_visible("web-1 ü") && !is_visible("web\u{200d}") && !is_visible("web\0"));
    }
}
