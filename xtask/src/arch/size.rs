//! Files stay small enough to be read at once. Tests at the end of a file count towards its whole length only.

use std::path::Path;

use super::Violation;

/// Whatever the file holds.
const LONGEST: usize = 800;
/// Without the tests at its end.
const LONGEST_CODE: usize = 400;
const LONGEST_COMPONENT: usize = 350;

/// The rules on the length of one file.
pub(super) fn check(name: &str, text: &str) -> Option<Violation> {
    let all = text.lines().count();
    let code = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default().lines().count();
    let is_tests = Path::new(name).file_name().is_some_and(|file| file == "tests.rs");
    let code = if is_tests { 0 } else { code };
    let is_component = Path::new(name).extension().is_some_and(|extension| extension == "tsx");
    let longest_code = if is_component { LONGEST_COMPONENT } else { LONGEST_CODE };
    if all > LONGEST {
        Some(Violation::new(name, format!("has {all} lines, more than {LONGEST}: split it")))
    } else if code > longest_code {
        Some(Violation::new(name, format!("has {code} lines of code, more than {longest_code}: split it")))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_split() {
        assert!(check("crates/x/src/lib.rs", &"\n".repeat(401)).is_some());
        assert!(check("crates/x/src/lib.rs", &"\n".repeat(400)).is_none());
        assert!(check("dashboard/src/x.tsx", &"\n".repeat(351)).is_some());
        assert!(check("e2e/harness/x.mjs", &"\n".repeat(401)).is_some());
    }

    #[test]
    fn tests_at_the_end_may_be_longer_than_the_code() {
        let with_tests = |lines| format!("fn code() {{}}\n#[cfg(test)]\nmod tests {{{}}}", "\n".repeat(lines));
        assert!(check("crates/x/src/lib.rs", &with_tests(600)).is_none());
        assert!(check("crates/x/src/lib.rs", &with_tests(800)).is_some());
        assert!(check("crates/x/src/link/tests.rs", &"\n".repeat(600)).is_none());
        assert!(check("crates/x/src/link/tests.rs", &"\n".repeat(801)).is_some());
    }
}
