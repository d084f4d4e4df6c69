//! What runs a script: one of the four that every server knows how to find on a machine, or a program by its name or path.

use serde::{Deserialize, Serialize};

/// Longest name of a program.
const NAME_MAX: usize = 64;
/// Longest path of a program, characters.
const PATH_MAX: usize = 255;

/// What a script's text is written for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Interpreter {
    /// `/bin/sh`, and so POSIX only.
    Sh,
    /// `cmd.exe`.
    Cmd,
    /// Windows PowerShell on Windows, `pwsh` elsewhere.
    PowerShell,
    /// Python 3.
    Python,
    /// Another program, such as `bash`, `pwsh` or `/opt/tool/bin/tool`.
    Program(String),
}

impl Interpreter {
    /// The interpreter of this name, or what a name is.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "sh" => Ok(Self::Sh),
            "cmd" => Ok(Self::Cmd),
            "powershell" => Ok(Self::PowerShell),
            "python" => Ok(Self::Python),
            _ if is_name(text) || is_path(text) => Ok(Self::Program(text.to_owned())),
            _ => Err("Name sh, cmd, powershell, python, another program such as bash, or an absolute path.".to_owned()),
        }
    }

    /// The name in SQL, JSON and files.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sh => "sh",
            Self::Cmd => "cmd",
            Self::PowerShell => "powershell",
            Self::Python => "python",
            Self::Program(program) => program,
        }
    }

    /// The program without its folder and without `.exe`, in small letters: `powershell` of `C:\…\PowerShell.exe`.
    pub fn program(&self) -> String {
        let file = self.as_str().rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        file.strip_suffix(".exe").unwrap_or(&file).to_owned()
    }
}

impl TryFrom<String> for Interpreter {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Interpreter> for String {
    fn from(interpreter: Interpreter) -> Self {
        interpreter.as_str().to_owned()
    }
}

fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    (1..=NAME_MAX).contains(&text.len())
        && text.bytes().all(is_allowed)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn is_path(text: &str) -> bool {
    let is_windows = matches!(text.as_bytes(), [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic());
    (is_windows || text.starts_with('/'))
        && text.chars().count() <= PATH_MAX
        && !text.ends_with(['/', '\\', ' '])
        && !text.contains(|c: char| c.is_control() || c == '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interpreter_is_one_word_or_a_path() {
        for name in
            ["sh", "cmd", "powershell", "python", "bash", "python3.11", "pwsh", "/usr/bin/env", "C:\\Tools\\a b.exe"]
        {
            let read = Interpreter::parse(name).unwrap();
            assert_eq!(read.as_str(), name);
            assert_eq!(serde_json::from_str::<Interpreter>(&serde_json::to_string(&read).unwrap()).unwrap(), read);
        }
        let long = "x".repeat(NAME_MAX + 1);
        for wrong in ["", "-c", "sh -c", "a;b", "..", "bin/sh", "C:tool", "/", "/a\nb", "/a\"b", "шелл", long.as_str()]
        {
            assert!(Interpreter::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_program_is_known_wherever_it_is() {
        let program = |text| Interpreter::parse(text).unwrap().program();
        assert_eq!(program("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\PowerShell.exe"), "powershell");
        assert_eq!(program("/usr/local/bin/node"), "node");
        assert_eq!(program("powershell"), "powershell");
    }
}
