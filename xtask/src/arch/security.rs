//! What `docs/SECURITY.md` calls a test is one: every name in its tables exists in the file it is said to be in, and nothing that is
//! marked *planned* is there already.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Violation;

const PAGE: &str = "docs/SECURITY.md";
const PLANNED: &str = "*planned* ";
/// Where tests are that name no folder.
const TESTS: &str = "crates/server/tests/all/";

/// A test as the page names it.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    file: String,
    name: String,
    is_planned: bool,
}

pub(crate) fn check(root: &Path) -> Result<Vec<Violation>> {
    let page = fs::read_to_string(root.join(PAGE))?;
    let wrong = named(&page).into_iter().filter_map(|test| {
        let exists = fs::read_to_string(root.join(&test.file)).is_ok_and(|text| text.contains(&test.name));
        let complaint = match (exists, test.is_planned) {
            (false, false) => "is not there",
            (true, true) => "is there: it is no longer planned",
            _ => return None,
        };
        Some(Violation::new(PAGE, format!("the test `{}` of {} {complaint}", test.name, test.file)))
    });
    Ok(wrong.collect())
}

/// The tests in the last column of every table. One that names no file is in the file before it.
fn named(page: &str) -> Vec<Named> {
    let mut tests = Vec::new();
    for line in page.lines().filter(|line| line.starts_with('|')) {
        let cell = line.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let mut file = String::new();
        let mut parts = cell.split('`');
        while let (Some(before), Some(code)) = (parts.next(), parts.next()) {
            let is_planned = before.ends_with(PLANNED);
            let name = match code.split_once(": ") {
                Some((path, name)) => {
                    file = whole(path);
                    name
                }
                None => code,
            };
            if !file.is_empty() && !name.contains('.') {
                tests.push(Named { file: file.clone(), name: name.to_owned(), is_planned });
            }
        }
    }
    tests
}

fn whole(path: &str) -> String {
    match path.strip_prefix("server/") {
        Some(rest) => format!("crates/server/src/{rest}"),
        None if path.contains('/') => path.to_owned(),
        None => format!("{TESTS}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_found_with_their_files_and_whether_they_are_there_yet() {
        let page = "| what | `code.rs` | test |\n| a | `x.rs` | `auth.rs: one`, `two`; *planned* `server/a.rs: three`, `isolation.rs` |\n`no: table`";
        let test =
            |file: &str, name: &str, is_planned| Named { file: file.to_owned(), name: name.to_owned(), is_planned };
        let tests = "crates/server/tests/all/auth.rs";
        assert_eq!(
            named(page),
            [test(tests, "one", false), test(tests, "two", false), test("crates/server/src/a.rs", "three", true)]
        );
    }

    #[test]
    fn this_page_is_true() {
        let root = &crate::root().unwrap();
        assert_eq!(check(root).unwrap(), []);
    }
}
