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

impl Named {
    /// Whether the file has it: a function in Rust, a quoted sentence elsewhere; without a name the file is enough.
    fn is_in(&self, text: &str) -> bool {
        match (self.name.is_empty(), self.file.rsplit_once('.')) {
            (true, _) => true,
            (false, Some((_, "rs"))) => text.contains(&format!("fn {}(", self.name)),
            _ => text.contains(&format!("\"{}\"", self.name)),
        }
    }
}

pub(crate) fn check(root: &Path) -> Result<Vec<Violation>> {
    let page = fs::read_to_string(root.join(PAGE))?;
    let wrong = named(&page).into_iter().filter_map(|test| {
        let exists = fs::read_to_string(root.join(&test.file)).is_ok_and(|text| test.is_in(&text));
        let complaint = match (exists, test.is_planned) {
            (false, false) => "is not there",
            (true, true) => "is there: it is no longer planned",
            _ => return None,
        };
        Some(Violation::new(PAGE, format!("the test `{}` of {} {complaint}", test.name, test.file)))
    });
    Ok(wrong.collect())
}

/// The tests in the last column of the tables that end in one of tests. One that names no file is in the file before it.
fn named(page: &str) -> Vec<Named> {
    let (mut tests, mut is_in_table, mut is_of_tests) = (Vec::new(), false, false);
    for line in page.lines() {
        let is_head = line.starts_with('|') && !is_in_table;
        is_in_table = line.starts_with('|');
        let cell = line.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        if is_head {
            is_of_tests = cell.trim() == "test";
        } else if is_in_table && is_of_tests {
            named_in(cell, &mut tests);
        }
    }
    tests
}

fn named_in(cell: &str, tests: &mut Vec<Named>) {
    let (mut file, mut is_planned) = (String::new(), false);
    let mut parts = cell.split('`');
    while let (Some(before), Some(code)) = (parts.next(), parts.next()) {
        is_planned = before.ends_with(PLANNED) || (is_planned && before == ", ");
        let name = match code.split_once(": ") {
            Some((path, name)) => {
                file = whole(path);
                name
            }
            None if code.contains('.') => {
                file = whole(code);
                ""
            }
            None => code,
        };
        if !file.is_empty() {
            tests.push(Named { file: file.clone(), name: name.to_owned(), is_planned });
        }
    }
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
        let page = "| what | how | test |\n|---|---|---|\n| a | `x.rs` | `auth.rs: one`, `two`; *planned* `server/a.rs: three`, `four`; `isolation.rs` |\n`no: table`\n| what | limit |\n| b | `x.rs: five` |";
        let test =
            |file: &str, name: &str, is_planned| Named { file: file.to_owned(), name: name.to_owned(), is_planned };
        let tests = "crates/server/tests/all/auth.rs";
        assert_eq!(
            named(page),
            [
                test(tests, "one", false),
                test(tests, "two", false),
                test("crates/server/src/a.rs", "three", true),
                test("crates/server/src/a.rs", "four", true),
                test("crates/server/tests/all/isolation.rs", "", false),
            ]
        );
    }

    #[test]
    fn this_page_is_true() {
        let root = &crate::root().unwrap();
        assert_eq!(check(root).unwrap(), []);
    }
}
