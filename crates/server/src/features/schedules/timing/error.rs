//! Why a text is no timing, in words for whoever wrote it.

use thiserror::Error;

/// What is wrong with the text of a timing, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum TimingError {
    #[error("the timing is empty; write five fields such as 0 3 * * mon")]
    Empty,
    #[error("the timing is too long; write at most {} characters", super::MAX_BYTES)]
    TooLong,
    #[error("the timing has {0} fields; write five: minute hour day-of-month month day-of-week")]
    FieldCount(usize),
    #[error("there is no {0:?}; write @hourly, @daily, @weekly or @monthly")]
    UnknownMacro(String),
    #[error("nth takes three or four words after it; write it as nth 2 tue 03:00 +1")]
    NthForm,
    #[error("{field}: {text:?} does not fit; write {expected}")]
    Value { field: &'static str, text: String, expected: &'static str },
    #[error("{field}: {text:?} runs backwards; write it as two ranges with a comma between them")]
    Backwards { field: &'static str, text: String },
    #[error("{field}: {text:?} has no step that works; write a number from 1 to {max} after the slash")]
    Step { field: &'static str, text: String, max: u8 },
    #[error("{field}: {text:?} has a step without a range; write * or a range before the slash")]
    StepWithoutRange { field: &'static str, text: String },
    #[error("day-of-month: none of the months has such a day; write one that comes, or L for the last day")]
    Never,
}
