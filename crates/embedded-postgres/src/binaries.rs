//! Where PostgreSQL's programs are.
//!
//! Distributions keep several versions side by side and often outside `PATH`. A folder counts when it holds every program
//! that is needed, after following links: wrappers in `/usr/bin` that pick a version by themselves are of no use here.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Error;

/// The oldest major version that the schema works with.
pub const MINIMUM_MAJOR: u32 = 15;

const PROGRAMS: [&str; 3] = ["initdb", "postgres", "pg_dump"];

/// The programs of one installed PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the newest PostgreSQL on this machine.
    pub fn find() -> Result<Self, Error> {
        Self::find_in(&search_path(), None)
    }

    /// Finds the newest PostgreSQL in `folders`, or the one with the major version `wanted`.
    pub fn find_in(folders: &[PathBuf], wanted: Option<u32>) -> Result<Self, Error> {
        let mut found: Vec<Self> = canonical(folders).iter().filter_map(|folder| Self::at(folder)).collect();
        found.retain(|binaries| binaries.major >= MINIMUM_MAJOR);
        found.sort_by_key(|binaries| binaries.major);
        let chosen = match wanted {
            Some(major) => found.iter().find(|binaries| binaries.major == major).or(found.last()),
            None => found.last(),
        };
        chosen.cloned().ok_or_else(|| Error::BinariesMissing { minimum: MINIMUM_MAJOR, searched: list(folders) })
    }

    /// The major version, such as 15.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The folder that holds the programs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub(crate) fn pg_dump(&self) -> PathBuf {
        self.folder.join("pg_dump")
    }

    fn at(folder: &Path) -> Option<Self> {
        if !PROGRAMS.iter().all(|program| folder.join(program).is_file()) {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").current_dir("/").output().ok()?;
        let major = parse_major(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { folder: folder.to_owned(), major })
    }
}

/// `PATH`, then the folders of Debian, of the PostgreSQL project's RPMs, of Alpine and of Homebrew.
pub(crate) fn search_path() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    folders.extend(children("/usr/lib/postgresql", "", "bin"));
    folders.extend(children("/usr", "pgsql-", "bin"));
    folders.extend(children("/usr/libexec", "postgresql", ""));
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt"] {
        folders.extend(children(prefix, "postgresql", "bin"));
    }
    folders
}

fn children(parent: &str, prefix: &str, rest: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(rest))
        .filter(|path| path.is_dir())
        .collect()
}

/// The real folders behind `folders`: where `initdb` lies once links are followed.
fn canonical(folders: &[PathBuf]) -> BTreeSet<PathBuf> {
    folders
        .iter()
        .filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok())
        .filter_map(|program| program.parent().map(Path::to_owned))
        .collect()
}

fn list(folders: &[PathBuf]) -> String {
    if folders.is_empty() {
        return "no folder at all".to_owned();
    }
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` → 15, also for `17beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_major("not a version"), None);
    }

    #[test]
    fn nothing_installed_says_what_to_install_and_where_it_looked() {
        let error = Binaries::find_in(&[PathBuf::from("/nonexistent/bin")], None).unwrap_err().to_string();
        assert!(error.contains("apt-get install postgresql"), "{error}");
        assert!(error.contains("/nonexistent/bin"), "{error}");
    }

    #[test]
    fn this_machine_has_one() {
        let binaries = Binaries::find().unwrap();
        assert!(binaries.major() >= MINIMUM_MAJOR);
        assert!(binaries.pg_dump().is_file());
        assert_eq!(Binaries::find_in(&search_path(), Some(binaries.major())).unwrap(), binaries);
    }
}
