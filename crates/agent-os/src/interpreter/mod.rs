//! Interpreters: the programs that read the texts of commands.
//!
//! Each is looked for when a command needs it: what was missing a minute ago may have been installed since. What is not there is
//! named, with where it was looked for.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use gururmm_protocol::command::CommandType;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Unsupported;
use crate::session::Person;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as platform;
#[cfg(unix)]
pub(crate) use unix::PATH;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

/// In the agent's state folder, where only an administrator of the machine writes: what runs a `claude_task`.
pub const CLAUDE_TASK: &str = "claude-task.json";

/// A program that reads a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// Where it is.
    pub program: PathBuf,
    /// What it is told before anything else.
    pub options: Vec<String>,
    /// How it gets the text.
    pub reads: Reads,
}

/// How an interpreter gets its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reads {
    /// As the system's shell does.
    Line,
    /// From a file, which is its first argument.
    File(Form),
    /// From its standard input.
    Input,
}

/// How the name of a file ends, without the dot.
pub type Suffix = &'static str;

/// What a file must be for who reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// How its name ends, without the dot.
    #[serde(deserialize_with = "suffix")]
    pub suffix: Suffix,
    /// Whether its lines end as those of Windows.
    pub has_crlf: bool,
    /// Whether it begins with a byte order mark, without which its reader takes it for text in the code page of the country.
    pub has_mark: bool,
}

/// One of the endings that are known here; it is read once in the life of a program.
fn suffix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Suffix, D::Error> {
    String::deserialize(deserializer).map(|text| &*text.leak())
}

/// Programs by which one of several names they go.
struct Wanted {
    what: &'static str,
    names: &'static [&'static str],
    /// Beside those of `PATH`.
    folders: Vec<PathBuf>,
}

/// `claude-task.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaudeTask {
    executable: PathBuf,
    #[serde(default)]
    arguments: Vec<String>,
}

/// What runs commands of this type; `named` is the interpreter of a `script`. With the agent's own rights (`is_trusted`) only programs run that
/// nobody but an administrator could have put where they are.
pub fn find(
    kind: CommandType,
    named: Option<&str>,
    state_dir: &Path,
    is_trusted: bool,
) -> Result<Interpreter, Unsupported> {
    match (kind, named) {
        (CommandType::Shell | CommandType::ShellWith, _) => Ok(shell()?),
        (CommandType::Powershell, _) => {
            let program = platform::powershell().map_or_else(|| look_for(&platform::pwsh(), is_trusted), Ok)?;
            Ok(reading_files(program, platform::POWERSHELL))
        }
        (CommandType::Python, _) => Ok(reading_files(look_for(&platform::python(), is_trusted)?, PYTHON)),
        (CommandType::Script, Some(name)) => named_one(name, is_trusted),
        (CommandType::ClaudeTask, _) => claude_task(&state_dir.join(CLAUDE_TASK)),
        (CommandType::Script, None) => Err(Unsupported::because("the command does not say what reads it")),
        (CommandType::Unknown, _) => {
            Err(Unsupported::because("this agent does not know this type of command; update it"))
        }
    }
}

/// Whether commands of a type can run here at this moment, for the list of what the machine can.
pub fn support(kind: CommandType) -> Result<(), Unsupported> {
    find(kind, None, Path::new("/"), true).map(drop)
}

/// The system's shell.
pub fn shell() -> Result<Interpreter, Unsupported> {
    let program = platform::shell().map_err(|error| Unsupported::because(format!("there is no shell: {error}")))?;
    Ok(Interpreter { program, options: Vec::new(), reads: Reads::Line })
}

/// How an interpreter is told to read a file.
type Habit = (&'static [&'static str], Form);

const PYTHON: Habit = (&[], Form { suffix: "py", has_crlf: false, has_mark: false });

fn reading_files(program: PathBuf, (options, form): Habit) -> Interpreter {
    Interpreter { program, options: options.iter().map(ToString::to_string).collect(), reads: Reads::File(form) }
}

/// The interpreter of this name, or at this place.
fn named_one(name: &str, is_trusted: bool) -> Result<Interpreter, Unsupported> {
    let path = Path::new(name);
    let program = if path.is_absolute() {
        let program = platform::is_program(path).then(|| path.to_owned()).ok_or_else(|| missing(name, "there"))?;
        trusted(vec![program], is_trusted)?.ok_or_else(|| missing(name, "there"))?
    } else if path.components().count() == 1 {
        in_path(&[name], &[], is_trusted)?.ok_or_else(|| missing(name, &searched()))?
    } else {
        return Err(Unsupported::because(format!("{name} is neither the name of a program nor a full path")));
    };
    let habit = habit(&program);
    Ok(reading_files(program, habit))
}

/// What files of a well-known interpreter are called, and what it is told first.
fn habit(program: &Path) -> Habit {
    let stem = program.file_stem().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let plain = |suffix| (&[][..], Form { suffix, ..Form::default() });
    match stem.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.') {
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" => plain("sh"),
        "pwsh" | "powershell" => platform::POWERSHELL,
        "python" => PYTHON,
        "cmd" => (&["/D", "/C"], Form { suffix: "cmd", has_crlf: true, has_mark: false }),
        "cscript" | "wscript" => (&["//Nologo"], Form { suffix: "vbs", has_crlf: true, has_mark: false }),
        "node" => plain("js"),
        "perl" => plain("pl"),
        "ruby" => plain("rb"),
        "osascript" => plain("applescript"),
        _ => plain("txt"),
    }
}

fn claude_task(path: &Path) -> Result<Interpreter, Unsupported> {
    let because = |what: &str| Unsupported::because(format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unsupported::because(format!(
            "no program is set up for tasks on this machine: {} names none; put {{\"executable\": \"/full/path\"}} into it",
            path.display()
        )),
        _ => because(&error.to_string()),
    })?;
    // also who starts the agent by hand has no other's file run
    gururmm_fsx::require_trusted(path).map_err(|error| because(&error.to_string()))?;
    let task: ClaudeTask = serde_json::from_str(&text).map_err(|error| because(&error.to_string()))?;
    if !task.executable.is_absolute() || !platform::is_program(&task.executable) {
        return Err(because(&format!("{} is no program, or not named in full", task.executable.display())));
    }
    trusted(vec![task.executable.clone()], true)?;
    Ok(Interpreter { program: task.executable, options: task.arguments, reads: Reads::Input })
}

fn look_for(wanted: &Wanted, is_trusted: bool) -> Result<PathBuf, Unsupported> {
    in_path(wanted.names, &wanted.folders, is_trusted)?.ok_or_else(|| {
        let names = wanted.names.join(" and ");
        Unsupported::because(format!("{} is not on this machine: looked for {names} in {}", wanted.what, searched()))
    })
}

fn missing(name: &str, place: &str) -> Unsupported {
    Unsupported::because(format!("{name} is not on this machine: looked for it {place}"))
}

fn searched() -> String {
    let folders: Vec<String> = path_folders().iter().map(|folder| folder.display().to_string()).collect();
    folders.join(", ")
}

/// Where programs are looked for: what the service manager says, or else what is usual.
fn path_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").filter(|path| !path.is_empty()).unwrap_or_else(|| platform::PATH.into());
    // a relative folder would be another one in each command
    std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect()
}

fn in_path(names: &[&str], folders: &[PathBuf], is_trusted: bool) -> Result<Option<PathBuf>, Unsupported> {
    let places: Vec<PathBuf> = path_folders().into_iter().chain(folders.iter().cloned()).collect();
    let candidates = names.iter().flat_map(|name| {
        let files = platform::files_of(name);
        places.iter().flat_map(move |folder| files.clone().into_iter().map(|file| folder.join(file)))
    });
    trusted(candidates.filter(|path| platform::is_program(path)).collect(), is_trusted)
}

/// The first of these that may run with the agent's rights, if any is there; why not, when there are others only.
fn trusted(found: Vec<PathBuf>, is_trusted: bool) -> Result<Option<PathBuf>, Unsupported> {
    let mut refused = None;
    for path in found {
        match if is_trusted { platform::require_trusted(&path) } else { Ok(()) } {
            Ok(()) => return Ok(Some(path)),
            Err(reason) => {
                let refusal = || format!("{} may not run with the agent's rights: {reason}", path.display());
                refused.get_or_insert_with(refusal);
            }
        }
    }
    refused.map_or(Ok(None), |reason| Err(Unsupported::because(reason)))
}

/// What is started: an interpreter, its text, what it is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Launch {
    /// What reads the text.
    pub interpreter: Interpreter,
    /// The text.
    pub text: String,
    /// What comes behind it.
    pub arguments: Vec<String>,
    /// Variables beside those of the machine.
    pub environment: BTreeMap<String, String>,
    /// In whose session it runs; in nobody's for the system.
    #[serde(skip)]
    pub person: Option<Person>,
}

impl Launch {
    /// A text for the system's shell.
    pub fn shell(text: &str) -> Result<Self, Unsupported> {
        let (arguments, environment) = (Vec::new(), BTreeMap::new());
        Ok(Self { interpreter: shell()?, text: text.to_owned(), arguments, environment, person: None })
    }

    /// The text as its reader wants it in a file.
    pub(crate) fn file_text(&self, form: Form) -> String {
        let mark = if form.has_mark { "\u{feff}" } else { "" };
        let text = self.text.replace("\r\n", "\n");
        let text = if form.has_crlf { text.replace('\n', "\r\n") } else { text };
        format!("{mark}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(CommandType::Script, Some("no-such-interpreter"), folder.path(), true).unwrap_err();
        assert!(error.reason.starts_with("no-such-interpreter is not on this machine"), "{error}");
        let error = find(CommandType::Script, Some("bin/sh"), folder.path(), true).unwrap_err();
        assert!(error.reason.contains("full path"), "{error}");
        let error = find(CommandType::ClaudeTask, None, folder.path(), true).unwrap_err();
        assert!(error.reason.contains(CLAUDE_TASK), "{error}");
    }

    #[test]
    fn a_task_runs_what_the_machine_names() {
        let folder = tempfile::tempdir().unwrap();
        let program = shell().unwrap().program;
        let write = |text: &str| std::fs::write(folder.path().join(CLAUDE_TASK), text).unwrap();
        write(&serde_json::json!({ "executable": program, "arguments": ["--print"] }).to_string());
        let found = find(CommandType::ClaudeTask, None, folder.path(), true).unwrap();
        assert_eq!(found, Interpreter { program, options: vec!["--print".to_owned()], reads: Reads::Input });
        for wrong in ["", "{}", r#"{"executable": "claude"}"#, r#"{"executable": "/no/such/program"}"#] {
            write(wrong);
            assert!(find(CommandType::ClaudeTask, None, folder.path(), true).is_err(), "{wrong}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_others_could_have_put_there_does_not_run_with_our_rights() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("tool");
        std::fs::copy("/bin/sh", &program).unwrap();
        let name = program.to_str().unwrap();
        // whatever it is itself, it lies below a folder in which everybody makes files
        let refused = find(CommandType::Script, Some(name), folder.path(), true).unwrap_err();
        assert!(refused.reason.contains("may not run with the agent's rights"), "{refused}");
        assert!(find(CommandType::Script, Some(name), folder.path(), false).is_ok());
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(find(CommandType::Script, Some(name), folder.path(), true).is_err());
        assert!(find(CommandType::Script, Some("/bin/sh"), folder.path(), true).is_ok());
    }

    #[test]
    fn files_are_what_their_reader_expects() {
        let launch = Launch { text: "a\r\nb\n".to_owned(), ..Launch::shell("").unwrap() };
        let form = |has_crlf, has_mark| Form { suffix: "x", has_crlf, has_mark };
        assert_eq!(launch.file_text(form(false, false)), "a\nb\n");
        assert_eq!(launch.file_text(form(true, true)), "\u{feff}a\r\nb\r\n");
        assert_eq!(habit(Path::new("/usr/bin/python3.11")).1.suffix, "py");
        assert_eq!(habit(Path::new("/usr/bin/bash")).1.suffix, "sh");
        assert_eq!(habit(Path::new("/opt/thing")).1.suffix, "txt");
    }
}
