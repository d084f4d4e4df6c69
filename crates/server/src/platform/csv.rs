//! CSV that a spreadsheet opens as text only (RFC 4180, with a guard against formulas in what others have named).

/// Makes Excel read UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Adds a line of cells.
pub fn push_line<'a>(text: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        push_cell(text, cell);
    }
    text.push_str("\r\n");
}

fn push_cell(text: &mut String, cell: &str) {
    let guarded = guard(cell);
    if guarded.contains(['"', ',', '\r', '\n', '\'']) {
        text.push('"');
        text.push_str(&guarded.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(&guarded);
    }
}

/// What a spreadsheet would run as a formula gets an apostrophe before it: at the beginning, and after whatever one of another country
/// splits at, which it does inside of a cell of ours too.
fn guard(cell: &str) -> String {
    let mut guarded = String::with_capacity(cell.len());
    let mut rest = cell.chars();
    let mut is_beginning = true;
    while let Some(next) = rest.next() {
        let ahead = std::iter::once(next).chain(rest.clone());
        if is_beginning && begins_formula(ahead) {
            guarded.push('\'');
        }
        guarded.push(next);
        is_beginning = matches!(next, ';' | ',' | '|' | '\t' | '\r' | '\n');
    }
    if cell.starts_with(['\t', '\r']) && !guarded.starts_with('\'') {
        guarded.insert(0, '\'');
    }
    guarded
}

fn begins_formula(mut text: impl Iterator<Item = char>) -> bool {
    let first = text.find(|c| !c.is_whitespace());
    first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut line = String::new();
        push_cell(&mut line, text);
        line
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (given, written) in [
            ("web-1", "web-1"),
            ("", ""),
            ("=1+1", "\"'=1+1\""),
            ("  @SUM(A1)", "\"'  @SUM(A1)\""),
            ("a;=cmd|' /C calc'!A0", "\"a;'=cmd|' /C calc'!A0\""),
            ("a|+1", "\"a|'+1\""),
            ("a\t-1", "\"a\t'-1\""),
            ("a, =1", "\"a,' =1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("\tx", "\"'\tx\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(cell(given), written, "{given:?}");
        }
    }

    #[test]
    fn a_line_ends_as_spreadsheets_expect() {
        let mut text = String::new();
        push_line(&mut text, ["a", "b,c", ""]);
        assert_eq!(text, "a,\"b,c\",\r\n");
    }
}
