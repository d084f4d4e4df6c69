//! Writing a script as one file.

use std::fmt::Write as _;

use super::{CLOSING, OPENING, split_interpreter_line};
use crate::interpreter::Interpreter;
use crate::parameters::{Kind, Parameter};
use crate::script::ScriptFile;

/// Characters of a line of the block; cmd runs what is beyond 8191 bytes as another line.
const LINE_MAX: usize = 400;

/// Writes a script as a file.
pub fn export(script: &ScriptFile) -> String {
    let sign = sign(&script.interpreter);
    let (interpreter_line, rest) = split_interpreter_line(&script.text);
    let mut file = String::with_capacity(script.text.len() + 1024);
    if !interpreter_line.is_empty() {
        file.push_str(interpreter_line);
        file.push('\n');
    }
    let _ = writeln!(file, "{sign} {OPENING}");
    for line in block(script).lines() {
        file.push_str(sign);
        if !line.is_empty() {
            file.push(' ');
            file.push_str(line);
        }
        file.push('\n');
    }
    let _ = write!(file, "{sign} {CLOSING}");
    if let Some(rest) = rest {
        file.push('\n');
        file.push_str(rest);
    }
    file
}

pub(super) fn sign(interpreter: &Interpreter) -> &'static str {
    match (interpreter, interpreter.program().as_str()) {
        (Interpreter::Cmd, _) | (_, "cmd") => "::",
        (_, "node" | "nodejs" | "deno" | "bun") => "//",
        _ => "#",
    }
}

/// The TOML of a script: every key in its place, so that equal scripts are equal files.
fn block(script: &ScriptFile) -> String {
    let mut toml = String::new();
    // first, since Python looks for an encoding in the second line of a file
    push_text(&mut toml, "interpreter", script.interpreter.as_str());
    push_text(&mut toml, "name", &script.name);
    for (key, value) in [("folder", &script.folder), ("description", &script.description)] {
        if !value.is_empty() {
            push_text(&mut toml, key, value);
        }
    }
    push_list(&mut toml, "platforms", script.platforms.iter().map(|on| on.as_str()));
    push_text(&mut toml, "context", script.context.as_str());
    let _ = writeln!(toml, "elevated = {}", script.elevated);
    let _ = writeln!(toml, "timeout_seconds = {}", script.timeout_seconds);
    for parameter in &script.parameters {
        push_parameter(&mut toml, parameter);
    }
    if !script.environment.is_empty() {
        toml.push_str("\n[environment]\n");
        for (name, value) in &script.environment {
            push_text(&mut toml, name, value);
        }
    }
    toml
}

fn push_parameter(toml: &mut String, parameter: &Parameter) {
    let kind = match parameter.kind {
        Kind::String => "string",
        Kind::Number => "number",
        Kind::Choice => "choice",
        Kind::AgentField => "agent_field",
        Kind::CustomField => "custom_field",
        Kind::Vault => "vault",
    };
    toml.push_str("\n[[parameters]]\n");
    push_text(toml, "name", &parameter.name);
    push_text(toml, "label", &parameter.label);
    push_text(toml, "kind", kind);
    if parameter.required {
        toml.push_str("required = true\n");
    }
    if let Some(default) = &parameter.default {
        push_text(toml, "default", default);
    }
    for (key, bound) in [("min", parameter.min), ("max", parameter.max)] {
        match bound {
            Some(bound) if bound.fract() == 0.0 => {
                let _ = writeln!(toml, "{key} = {}", bound as i64);
            }
            Some(bound) => {
                let _ = writeln!(toml, "{key} = {bound:?}");
            }
            None => {}
        }
    }
    if let Some(max_length) = parameter.max_length {
        let _ = writeln!(toml, "max_length = {max_length}");
    }
    if !parameter.choices.is_empty() {
        push_list(toml, "choices", parameter.choices.iter().map(String::as_str));
    }
    if let Some(field) = &parameter.field {
        push_text(toml, "field", field);
    }
}

fn push_list<'a>(toml: &mut String, key: &str, texts: impl Iterator<Item = &'a str> + Clone) {
    let is_long = texts.clone().map(|text| text.chars().count() + 4).sum::<usize>() > 80;
    let (before, between, after) = if is_long { ("\n  ", ",\n  ", "\n") } else { ("", ", ", "") };
    let _ = write!(toml, "{key} = [{before}");
    for (index, text) in texts.enumerate() {
        if index > 0 {
            toml.push_str(between);
        }
        push_quoted(toml, text);
    }
    let _ = writeln!(toml, "{after}]");
}

fn push_text(toml: &mut String, key: &str, text: &str) {
    let _ = write!(toml, "{key} = ");
    push_quoted(toml, text);
    toml.push('\n');
}

fn push_quoted(toml: &mut String, text: &str) {
    if !text.contains('\n') && text.chars().count() <= LINE_MAX {
        toml.push('"');
        text.chars().for_each(|c| push_char(toml, c));
        toml.push('"');
        return;
    }
    toml.push_str("\"\"\"");
    for (index, line) in text.split('\n').enumerate() {
        // the first end of a line after the quotes is none of the text
        toml.push('\n');
        push_line(toml, line, index + 1 == text.split('\n').count());
    }
    toml.push_str("\"\"\"");
}

/// One line of a text between three quotes. Long ones go on after a backslash, which takes the white space after it away.
fn push_line(toml: &mut String, line: &str, is_last: bool) {
    let characters: Vec<char> = line.chars().collect();
    let pieces = characters.chunks(LINE_MAX);
    let count = pieces.len();
    for (number, piece) in pieces.enumerate() {
        let is_end = number + 1 == count;
        let is_closing = piece.iter().collect::<String>().trim() == CLOSING;
        for (index, &c) in piece.iter().enumerate() {
            let is_first = index == 0 && number > 0;
            let is_at_end = index + 1 == piece.len() && is_end && !is_last;
            if (is_first || is_at_end) && c.is_whitespace() || is_closing && c == '/' {
                push_escape(toml, c);
            } else {
                push_char(toml, c);
            }
        }
        if !is_end {
            toml.push_str("\\\n");
        }
    }
}

/// A character of a string. What ends a comment in some language, what cmd still reads in one, and what turns lines around in an
/// editor is escaped.
fn push_char(toml: &mut String, c: char) {
    match c {
        '"' => toml.push_str("\\\""),
        '\\' => toml.push_str("\\\\"),
        '\t' => toml.push_str("\\t"),
        '%' | '^' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
            push_escape(toml, c);
        }
        c if c.is_control() => push_escape(toml, c),
        c => toml.push(c),
    }
}

fn push_escape(toml: &mut String, c: char) {
    let _ = write!(toml, "\\u{:04X}", u32::from(c));
}
