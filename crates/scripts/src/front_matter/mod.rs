//! One script as one file that still runs: a block of comments at its beginning says in TOML what the library knows of it.
//!
//! ```text
//! #!/bin/sh
//! # /// gururmm
//! # interpreter = "sh"
//! # name = "Failed services"
//! # ///
//! systemctl --failed
//! ```
//!
//! The block stands in the first line, or in the second after a line with `#!`; all the rest is the text, to the byte. A file
//! without a block is a script too: its name and ending tell what they can. An export can be imported without a difference.

mod export;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::interpreter::Interpreter;
use crate::parameters::Parameter;
use crate::script::{Context, NAME_MAX, Platform, ScriptFile};
use crate::text;

pub use export::export;

/// Longest file, bytes: a text of the greatest length in UTF-16, and a block.
const FILE_MAX: usize = 2 * text::TEXT_MAX + 256 * 1024;
/// How long a script may run when its file does not say, seconds.
const TIMEOUT: u32 = 300;
/// The first line of a block, after the sign of a comment.
const OPENING: &str = "/// gururmm";
/// The last line of a block, after the sign of a comment.
const CLOSING: &str = "///";

/// Why a file is no script, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct FileError {
    /// Counted from one.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// The TOML of a block.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    name: Option<String>,
    folder: Option<String>,
    description: Option<String>,
    interpreter: Option<Interpreter>,
    platforms: Option<BTreeSet<Platform>>,
    context: Option<Context>,
    elevated: Option<bool>,
    timeout_seconds: Option<u32>,
    #[serde(default)]
    parameters: Vec<Parameter>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
}

/// Reads a script from a file of this name.
pub fn import(file_name: &str, bytes: &[u8]) -> Result<ScriptFile, FileError> {
    if bytes.len() > FILE_MAX {
        return Err(at(1, format!("A file has at most {} KiB.", FILE_MAX / 1024)));
    }
    let file = text::with_line_feeds(&decode(bytes)?);
    if let Some(place) = file.find('\0') {
        let message = "This line has a NUL character. Save the script as plain text in UTF-8.";
        return Err(at(lines(&file[..place]), message));
    }
    let Some(found) = find_block(&file)? else {
        let text = stored(&file, 1)?;
        return script(file_name, Block::default(), text).map_err(|wrong| at(1, wrong.1));
    };
    let block: Block = toml::from_str(&found.toml).map_err(|error| {
        let line = error.span().map_or(0, |span| found.toml[..span.start].matches('\n').count());
        at(found.first_line + line, format!("{}.", error.message().trim().replace('\n', "; ")))
    })?;
    let text = stored(&found.text, found.text_line)?;
    script(file_name, block, text)
        .map_err(|(path, message)| at(found.first_line + line_of(&path, &found.toml), format!("{path}: {message}")))
}

fn at(line: usize, message: impl Into<String>) -> FileError {
    FileError { line, message: message.into() }
}

/// The file as text, whichever of the usual encodings it has.
fn decode(bytes: &[u8]) -> Result<String, FileError> {
    let from_utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let text = String::from_utf16(&pairs.iter().map(|pair| unit(*pair)).collect::<Vec<_>>());
        match text {
            Ok(text) if rest.is_empty() => Ok(text),
            _ => Err(at(1, "The file is not the UTF-16 that it says it is. Save it as UTF-8.")),
        }
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => from_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => from_utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => std::str::from_utf8(rest).map(str::to_owned).map_err(|error| {
            let before = String::from_utf8_lossy(&rest[..error.valid_up_to()]);
            at(lines(&before), "This line is not UTF-8. Save the file as UTF-8.")
        }),
    }
}

/// Lines of a text, the begun one with them.
fn lines(text: &str) -> usize {
    text::with_line_feeds(text).matches('\n').count() + 1
}

fn stored(text: &str, first_line: usize) -> Result<String, FileError> {
    text::stored(text).map_err(|error| match error {
        text::TextError::Empty => at(first_line, "There is no script here. Write it below the block."),
        text::TextError::Nul { .. } | text::TextError::TooLong { .. } => at(first_line, error.to_string()),
    })
}

/// A block and what is around it.
struct Found {
    toml: String,
    /// Line of the file in which the TOML begins.
    first_line: usize,
    text: String,
    /// Line of the file in which the text goes on.
    text_line: usize,
}

fn find_block(file: &str) -> Result<Option<Found>, FileError> {
    let (interpreter_line, after) = split_interpreter_line(file);
    let (opening, mut rest) = split_line(after.unwrap_or_default());
    let mut number = 1 + usize::from(!interpreter_line.is_empty());
    let Some(sign) = SIGNS.into_iter().find(|sign| is_marker(opening, sign, OPENING)) else {
        let is_opening = |line: &str| SIGNS.iter().any(|sign| is_marker(line, sign, OPENING));
        return match file.split('\n').position(is_opening) {
            Some(index) => Err(at(
                index + 1,
                "The block must begin in the first line of the file, or in the second after a line with #!.",
            )),
            None => Ok(None),
        };
    };
    let opening_line = number;
    let mut toml = String::new();
    loop {
        let Some(remaining) = rest else {
            return Err(at(opening_line, format!("The block does not end. End it with a line `{sign} {CLOSING}`.")));
        };
        let (line, next) = split_line(remaining);
        (rest, number) = (next, number + 1);
        if is_marker(line, sign, CLOSING) {
            break;
        }
        let Some(line) = line.strip_prefix(sign) else {
            let message = format!("Every line of the block begins with `{sign}`, and `{sign} {CLOSING}` ends it.");
            return Err(at(number, message));
        };
        toml.push_str(line.strip_prefix(' ').unwrap_or(line));
        toml.push('\n');
    }
    let text = match (interpreter_line, rest) {
        ("", rest) => rest.unwrap_or_default().to_owned(),
        (line, None) => line.to_owned(),
        (line, Some(rest)) => format!("{line}\n{rest}"),
    };
    Ok(Some(Found { toml, first_line: opening_line + 1, text, text_line: number + 1 }))
}

/// What begins a comment in the languages of scripts.
const SIGNS: [&str; 3] = ["#", "::", "//"];

fn is_marker(line: &str, sign: &str, marker: &str) -> bool {
    line.strip_prefix(sign).is_some_and(|line| line.trim() == marker)
}

/// The line with `#!`, when there is one, and what comes after it.
fn split_interpreter_line(text: &str) -> (&str, Option<&str>) {
    if text.starts_with("#!") { split_line(text) } else { ("", Some(text)) }
}

/// The first line, and what comes after its end.
fn split_line(text: &str) -> (&str, Option<&str>) {
    text.split_once('\n').map_or((text, None), |(line, rest)| (line, Some(rest)))
}

fn script(file_name: &str, block: Block, text: String) -> Result<ScriptFile, (String, String)> {
    let interpreter = block.interpreter.or_else(|| guess(file_name, &text)).ok_or_else(|| {
        let message = "Say what runs the script: interpreter = \"sh\" in the block, or a file name that ends in \
                       .sh, .ps1, .cmd, .bat or .py.";
        ("interpreter".to_owned(), message.to_owned())
    })?;
    let context = block.context.unwrap_or(Context::System);
    let trimmed = |text: Option<String>| text.map(|text| text.trim().to_owned());
    let script = ScriptFile {
        name: trimmed(block.name).unwrap_or_else(|| name_of(file_name)),
        folder: trimmed(block.folder).unwrap_or_default(),
        description: trimmed(block.description).unwrap_or_default(),
        platforms: block.platforms.unwrap_or_else(|| usual_platforms(&interpreter)),
        interpreter,
        context,
        elevated: block.elevated.unwrap_or(context == Context::System),
        timeout_seconds: block.timeout_seconds.unwrap_or(TIMEOUT),
        parameters: block.parameters,
        environment: block.environment,
        text,
    };
    match script.check() {
        Ok(()) => Ok(script),
        Err(mut wrong) => Err(wrong.swap_remove(0)),
    }
}

/// What the ending of the file says; `.sh` is on many a script of another shell, which its first line names.
fn guess(file_name: &str, text: &str) -> Option<Interpreter> {
    let ending = base_name(file_name).rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("ps1") => Some(Interpreter::PowerShell),
        Some("cmd" | "bat") => Some(Interpreter::Cmd),
        Some("py") => Some(Interpreter::Python),
        Some("sh") => Some(named_in_first_line(text).unwrap_or(Interpreter::Sh)),
        _ => named_in_first_line(text),
    }
}

fn named_in_first_line(text: &str) -> Option<Interpreter> {
    let line = split_interpreter_line(text).0.strip_prefix("#!")?;
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let word = match words.next()? {
        "env" => words.find(|word| !word.starts_with('-') && !word.contains('='))?,
        word => word,
    };
    match word {
        "python3" => Some(Interpreter::Python),
        word => Interpreter::parse(word).ok(),
    }
}

fn base_name(file_name: &str) -> &str {
    file_name.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// `clean-temp` of `scripts/clean-temp.sh`.
fn name_of(file_name: &str) -> String {
    let file = base_name(file_name);
    let name = file.rsplit_once('.').map_or(file, |(name, _)| name);
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
    name.trim().to_owned()
}

fn usual_platforms(interpreter: &Interpreter) -> BTreeSet<Platform> {
    match interpreter {
        Interpreter::Cmd | Interpreter::PowerShell => [Platform::Windows].into(),
        Interpreter::Python => [Platform::Linux, Platform::Windows, Platform::Macos].into(),
        Interpreter::Sh | Interpreter::Program(_) => [Platform::Linux, Platform::Macos].into(),
    }
}

/// The line of the TOML, counted from zero, in which a path such as `parameters[2].default` is said: as near as it can be told.
fn line_of(path: &str, toml: &str) -> usize {
    let lines: Vec<_> = toml.lines().map(str::trim_start).collect();
    let says = |line: &str, key: &str| {
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', ']']) || rest.starts_with('.'))
    };
    let find = |from: usize, key: &str| (from..lines.len()).find(|&index| says(lines[index], key));
    let (top, key) = path.split_once('.').unwrap_or((path, ""));
    let start = match top.strip_prefix("parameters[").and_then(|rest| rest.strip_suffix(']')) {
        Some(index) => {
            let mut tables = (0..lines.len()).filter(|&at| says(lines[at], "[[parameters"));
            tables.nth(index.parse().unwrap_or_default()).or_else(|| find(0, "parameters"))
        }
        None => find(0, &format!("[{top}")).or_else(|| find(0, top)),
    };
    let Some(start) = start else { return 0 };
    let end = (start + 1..lines.len()).find(|&at| lines[at].starts_with('[')).unwrap_or(lines.len());
    find(start + 1, key).filter(|&at| !key.is_empty() && at < end).unwrap_or(start)
}
