//! Every code that the server answers stands in `docs/ERRORS.md`: programs are written against that page.

use std::{fs, path::Path};

use anyhow::Result;

use super::Violation;
use crate::tree;

const PAGE: &str = "docs/ERRORS.md";
/// What makes a problem with a code of its own.
const MAKERS: [&str; 5] =
    ["Problem::new(", "Self::new(", "Problem::not_found(", "Problem::forbidden(", "Problem::conflict("];
const PROBLEM: &str = "crates/server/src/platform/http/problem.rs";

pub(crate) fn check(root: &Path) -> Result<Vec<Violation>> {
    let page = fs::read_to_string(root.join(PAGE))?;
    let mut violations = Vec::new();
    for path in tree::files(&root.join("crates/server/src"))? {
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        let text = fs::read_to_string(&path)?;
        for code in codes(&name, &text) {
            if !page.contains(&format!("`{code}`")) {
                violations.push(Violation::new(&name, format!("the code `{code}` is missing in {PAGE}")));
            }
        }
    }
    Ok(violations)
}

/// The codes that one file answers, as far as they are literal.
fn codes(name: &str, text: &str) -> Vec<String> {
    let makers = MAKERS.iter().filter(|maker| **maker != "Self::new(" || name == PROBLEM);
    makers.flat_map(|maker| text.split(maker).skip(1)).filter_map(first_code).collect()
}

/// The first argument that is a code: a status may stand before it, a text for people after it.
fn first_code(arguments: &str) -> Option<String> {
    let literal = arguments.split('"').nth(1)?;
    let is_code = !literal.is_empty() && literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_code.then(|| literal.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_wherever_the_call_is_broken() {
        let text =
            "Problem::conflict(\"name_taken\", \"x\"); Problem::new(\n    StatusCode::GONE,\n    \"gone_away\",\n)";
        let mut found = codes("crates/server/src/x.rs", text);
        found.sort();
        assert_eq!(found, ["gone_away", "name_taken"]);
        assert!(codes("crates/server/src/x.rs", "Problem::not_found(code, \"There is none.\")").is_empty());
    }

    #[test]
    fn this_page_is_complete() {
        let root = &crate::root().unwrap();
        assert_eq!(check(root).unwrap(), []);
    }
}
