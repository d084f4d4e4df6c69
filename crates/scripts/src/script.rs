//! A script as the library knows it: what it is called, what runs it, where, and what it asks for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::interpreter::Interpreter;
use crate::parameters::{self, Parameter};

/// Longest name, characters.
pub(crate) const NAME_MAX: usize = 120;
/// Deepest folder.
const FOLDERS_MAX: usize = 5;
/// Longest name of a folder, characters.
pub(crate) const FOLDER_MAX: usize = 80;
/// Longest description, characters.
pub(crate) const DESCRIPTION_MAX: usize = 4000;
/// Longest a script may run, seconds.
pub(crate) const TIMEOUT_MAX: u32 = 86_400;

/// A script as it leaves and enters the library.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptFile {
    /// Its name.
    pub name: String,
    /// The folders above it, `/` between them; empty for none.
    pub folder: String,
    /// What it does, for those who run it.
    pub description: String,
    /// What runs it.
    pub interpreter: Interpreter,
    /// Systems that it is for.
    pub platforms: BTreeSet<Platform>,
    /// Whose process it is.
    pub context: Context,
    /// With all rights of the context.
    pub elevated: bool,
    /// How long it may run.
    pub timeout_seconds: u32,
    /// What it asks for.
    pub parameters: Vec<Parameter>,
    /// Variables that it always gets.
    pub environment: BTreeMap<String, String>,
    /// The text as it is stored, without the block.
    pub text: String,
}

/// A system that scripts are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
}

impl Platform {
    /// The name in SQL, JSON and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Windows => "windows",
            Self::Macos => "macos",
        }
    }
}

/// Whose process a script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// The system's.
    System,
    /// Of the person who is logged on.
    UserSession,
}

impl Context {
    /// The name in SQL, JSON and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::UserSession => "user_session",
        }
    }
}

impl ScriptFile {
    /// Checks all but the text. An error has the path of what is wrong, such as `parameters[2].default`.
    pub fn check(&self) -> Result<(), Vec<(String, String)>> {
        let naming = check_naming(&self.name, &self.folder, &self.description);
        let mut wrong = naming.err().unwrap_or_default();
        let mut say = |field: &str, message: String| wrong.push((field.to_owned(), message));
        if self.platforms.is_empty() {
            say("platforms", "Name at least one of: linux, windows, macos.".to_owned());
        } else if self.interpreter == Interpreter::Cmd && self.platforms.iter().any(|on| *on != Platform::Windows) {
            say("platforms", "cmd is on Windows only.".to_owned());
        }
        if !(1..=TIMEOUT_MAX).contains(&self.timeout_seconds) {
            say("timeout_seconds", format!("Between 1 and {TIMEOUT_MAX}."));
        }
        wrong.extend(parameters::check_definition(&self.parameters).err().unwrap_or_default());
        wrong.extend(parameters::check_environment(&self.environment).err().unwrap_or_default());
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

/// Checks what a script is called. An error has the field that is wrong.
pub fn check_naming(name: &str, folder: &str, description: &str) -> Result<(), Vec<(String, String)>> {
    let mut wrong = Vec::new();
    let mut say = |field: &str, message: String| wrong.push((field.to_owned(), message));
    if let Err(message) = one_line(name, NAME_MAX) {
        say("name", message);
    }
    if !folder.is_empty() {
        let folders: Vec<_> = folder.split('/').collect();
        if folders.len() > FOLDERS_MAX {
            say("folder", format!("At most {FOLDERS_MAX} folders, one in another."));
        } else if let Some(message) = folders.iter().find_map(|folder| one_line(folder, FOLDER_MAX).err()) {
            say("folder", message);
        }
    }
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if description.contains(is_odd) || description.trim() != description {
        say("description", "No control characters, and no white space at the beginning or end.".to_owned());
    } else if description.chars().count() > DESCRIPTION_MAX {
        say("description", format!("At most {DESCRIPTION_MAX} characters."));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn one_line(text: &str, max: usize) -> Result<(), String> {
    if text.trim().is_empty() {
        Err("Give a name.".to_owned())
    } else if text.trim() != text || text.contains(char::is_control) {
        Err("No control characters, and no white space at the beginning or end.".to_owned())
    } else if text.chars().count() > max {
        Err(format!("At most {max} characters."))
    } else {
        Ok(())
    }
}
