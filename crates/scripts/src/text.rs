//! The text of a script: stored in one spelling, so that its hash is the same whoever saved it. The agent writes it as the machine reads it.

use gururmm_protocol::limits::COMMAND_TEXT_MAX;

/// Longest text, bytes as stored: what an order can carry.
pub const TEXT_MAX: usize = COMMAND_TEXT_MAX;
/// Windows' editors write it.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Why a text is none of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// There is nothing to run.
    #[error("The script has no text.")]
    Empty,
    /// NUL would end the text early.
    #[error("Line {line} has a NUL character. Save the script as plain text in UTF-8.")]
    Nul {
        /// Counted from one.
        line: usize,
    },
    /// It is no script any more.
    #[error("A script has at most {} KiB of text; this one has {} KiB.", TEXT_MAX / 1024, .bytes.div_ceil(1024))]
    TooLong {
        /// As it would be stored.
        bytes: usize,
    },
}

/// The text as it is stored: without a byte order mark, with LF at the end of its lines.
pub fn stored(text: &str) -> Result<String, TextError> {
    let text = with_line_feeds(text.trim_start_matches(BYTE_ORDER_MARK));
    if let Some(place) = text.find('\0') {
        return Err(TextError::Nul { line: text[..place].matches('\n').count() + 1 });
    }
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() > TEXT_MAX {
        return Err(TextError::TooLong { bytes: text.len() });
    }
    Ok(text)
}

/// Every end of a line as LF, whether it was CRLF, CR or LF.
pub(super) fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_has_one_spelling() {
        for (given, kept) in [
            ("echo a\r\necho b\r\n", "echo a\necho b\n"),
            ("\u{feff}echo a", "echo a"),
            ("a\rb\r\rc\r\n\r\n", "a\nb\n\nc\n\n"),
            (" \u{feff}x ", " \u{feff}x "),
        ] {
            assert_eq!(stored(given).as_deref(), Ok(kept), "{given:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for nothing in ["", "\u{feff}", "\r\n \t\n"] {
            assert_eq!(stored(nothing), Err(TextError::Empty), "{nothing:?}");
        }
        assert_eq!(stored("a\r\nb\0"), Err(TextError::Nul { line: 2 }));
        assert!(stored(&"x".repeat(TEXT_MAX)).is_ok());
        // as stored, and not as it came
        assert!(stored(&"\r\n".repeat(TEXT_MAX - 1).replacen('\r', "x", 1)).is_ok());
        let long = stored(&"x".repeat(TEXT_MAX + 1)).unwrap_err();
        assert_eq!(long.to_string(), "A script has at most 64 KiB of text; this one has 65 KiB.");
    }

    proptest! {
        #[test]
        fn storing_again_changes_nothing(text in "[a\r\n\u{feff} \u{e4}]{0,40}") {
            if let Ok(kept) = stored(&text) {
                prop_assert_eq!(stored(&kept), Ok(kept.clone()));
                let windows = format!("{BYTE_ORDER_MARK}{}", kept.replace('\n', "\r\n"));
                prop_assert_eq!(stored(&windows), Ok(kept));
            }
        }
    }
}
