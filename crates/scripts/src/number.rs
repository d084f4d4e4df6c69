//! Decimal numbers as people give them, in one spelling: equal numbers are equal texts.

/// Digits of a number before its point, and after it.
pub const DIGITS_MAX: (usize, usize) = (15, 10);

/// A decimal number without what does not change it: a plus, zeros before and behind. None for what is no such number, or has more digits than
/// [`DIGITS_MAX`].
pub fn spelled(text: &str) -> Option<String> {
    let (is_negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.len() > DIGITS_MAX.0 || fraction.len() > DIGITS_MAX.1 {
        return None;
    }
    let sign = if is_negative && !(whole.is_empty() && fraction.is_empty()) { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}
