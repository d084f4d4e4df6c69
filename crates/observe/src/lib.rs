//! Logs: where they go, and how errors and foreign text appear in them.
//!
//! Logs go to standard error, so that a command's own output stays clean, or to files where there is nobody to read that. An error is logged once, with its whole chain
//! ([`ErrorChain`]); text that came from elsewhere is shown through [`Printable`], so that it can forge no line and move no
//! cursor.

use std::error::Error;
use std::fmt;
use std::path::Path;

use tracing::{Level, Subscriber};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt as layer;
use tracing_subscriber::prelude::*;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{EnvFilter, Layer};

/// Environment variable with a filter, such as `debug` or `gururmm_agent=trace`.
pub const FILTER_VARIABLE: &str = "GURURMM_LOG";

/// They write down the frames that they carry when they are asked for everything.
const CARRIERS: [&str; 2] = ["tungstenite", "tokio_tungstenite"];

/// Starts logging to standard error, as text or as one JSON object per line.
///
/// # Errors
/// When logging was started before.
pub fn init(default_filter: &str, json: bool) -> Result<(), TryInitError> {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new(default_filter));
    let registry = tracing_subscriber::registry().with(filter).with(discreet());
    if json {
        registry.with(layer::layer().json().with_writer(std::io::stderr)).try_init()
    } else {
        let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
        registry.with(layer::layer().with_ansi(ansi).with_writer(std::io::stderr)).try_init()
    }
}

/// Starts logging to files named `NAME.DATE.log` in `folder`, one a day (UTC); the newest `days` of them are kept.
///
/// # Errors
/// When the folder cannot be written, or logging was started before.
pub fn init_files(default_filter: &str, folder: &Path, name: &str, days: usize) -> Result<(), InitError> {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new(default_filter));
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name)
        .filename_suffix("log")
        .max_log_files(days)
        .build(folder)?;
    let registry = tracing_subscriber::registry().with(filter).with(discreet());
    Ok(registry.with(layer::layer().with_ansi(false).with_writer(files)).try_init()?)
}

/// Leaves out, whatever the filter asks for, what would write keys, commands and their output into the log: what libraries tell at their most
/// talkative of that which passes through them.
pub fn discreet<S: Subscriber>() -> impl Layer<S> {
    filter_fn(|told| *told.level() != Level::TRACE || !CARRIERS.contains(&crate_of(told.target())))
}

fn crate_of(target: &str) -> &str {
    target.split_once("::").map_or(target, |(name, _)| name)
}

/// Why logging to files did not start.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder or its first file.
    #[error("could not write logs to files")]
    Files(#[from] tracing_appender::rolling::InitError),
    /// It was started before.
    #[error("logging was started before")]
    Started(#[from] TryInitError),
}

/// Shows an error with everything that caused it, in one line.
pub struct ErrorChain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// Shows foreign text with its control characters escaped.
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for character in self.0.chars() {
            if is_shown(character) {
                f.write_char(character)?;
            } else {
                write!(f, "{}", character.escape_unicode())?;
            }
        }
        Ok(())
    }
}

/// Control characters move cursors and forge lines; the bidirectional ones reorder what a reader sees.
fn is_shown(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::io::Error);
    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("could not open the spool")
        }
    }
    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn a_chain_names_every_cause() {
        let error = Outer(std::io::Error::other("disk full"));
        assert_eq!(ErrorChain(&error).to_string(), "could not open the spool: disk full");
    }

    #[test]
    fn foreign_text_moves_no_cursor_and_forges_no_line() {
        assert_eq!(Printable("a\n\u{1b}[2J\u{202e}é").to_string(), "a\\u{a}\\u{1b}[2J\\u{202e}é");
    }

    #[test]
    fn what_libraries_carry_is_not_logged_however_much_is_asked_for() {
        let asked = EnvFilter::new("trace,tungstenite::protocol=trace");
        let guard = tracing_subscriber::registry().with(asked).with(discreet()).set_default();
        assert!(!tracing::enabled!(target: "tungstenite::protocol", Level::TRACE));
        assert!(!tracing::enabled!(target: "tokio_tungstenite", Level::TRACE));
        assert!(tracing::enabled!(target: "tungstenite::protocol", Level::DEBUG));
        assert!(tracing::enabled!(target: "tungstenite_or_not", Level::TRACE));
        drop(guard);
    }
}
