//! Checks that many features share: parse, don't validate.

use super::http::Problem;

/// Longest name, characters.
pub const NAME_MAX: usize = 200;

/// Whether a character is not seen, or turns others around: with it one name can look like another. Joiners are kept, without which some
/// scripts cannot be written.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A name as it is stored: trimmed, not empty, nothing that is not seen.
pub fn name(field: &'static str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::field(field, "Give a name."));
    }
    if text.chars().count() > NAME_MAX {
        return Err(Problem::field(field, format!("At most {NAME_MAX} characters.")));
    }
    if text.chars().any(is_hidden) {
        return Err(Problem::field(field, "Control characters and invisible ones are not allowed."));
    }
    Ok(text.to_owned())
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
