//! The table of crates in `docs/ARCHITECTURE.md` is the rule: a crate uses what its row says, and a row says what it uses.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::Result;

use super::{Violation, graph::Graph};

const PAGE: &str = "docs/ARCHITECTURE.md";
const PREFIX: &str = "gururmm-";

pub(crate) fn check(root: &Path, graph: &Graph) -> Result<Vec<Violation>> {
    Ok(compare(&rows(&fs::read_to_string(root.join(PAGE))?), graph))
}

/// Crate → what its row says that it uses; both without the prefix. A row may be about several crates.
fn rows(page: &str) -> Graph {
    let section = page.split("\n## ").find(|section| section.starts_with("Crates\n")).unwrap_or_default();
    let mut rows = BTreeMap::new();
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [names, .., uses] = cells[..] else { continue };
        let words = |cell: &str| -> BTreeSet<String> {
            cell.split(',')
                .map(|word| word.trim().trim_matches('`').to_owned())
                .filter(|word| !word.is_empty())
                .collect()
        };
        for name in words(names) {
            rows.insert(name, words(uses));
        }
    }
    rows
}

fn compare(rows: &Graph, graph: &Graph) -> Vec<Violation> {
    let short = |name: &str| name.strip_prefix(PREFIX).unwrap_or(name).to_owned();
    let mut violations = Vec::new();
    for (package, dependencies) in graph {
        let name = short(package);
        let Some(said) = rows.get(&name) else {
            violations.push(Violation::new(PAGE, format!("has no row for the crate {name}")));
            continue;
        };
        let used: BTreeSet<String> = dependencies.iter().map(|it| short(it)).collect();
        for extra in used.difference(said) {
            violations.push(Violation::new(package, format!("uses {extra}, which its row in {PAGE} does not say")));
        }
        for absent in said.difference(&used) {
            violations.push(Violation::new(PAGE, format!("says that {name} uses {absent}, which it does not")));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::graph;

    const TABLE: &str = "# A\n\n## Crates\n\n| crate | what | uses |\n|---|---|---|\n| `a`, `b` | leaves | |\n| `c` | top | a, b |\n\n## B\n";

    fn said(edges: &[(&str, &str)]) -> Vec<String> {
        let mut graph = Graph::new();
        for name in ["gururmm-a", "gururmm-b", "gururmm-c"] {
            graph.entry(name.to_owned()).or_default();
        }
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        compare(&rows(TABLE), &graph).into_iter().map(|violation| violation.rule).collect()
    }

    #[test]
    fn a_crate_uses_what_its_row_says_and_nothing_else() {
        let right = [("gururmm-c", "gururmm-a"), ("gururmm-c", "gururmm-b")];
        assert_eq!(said(&right), Vec::<String>::new());
        assert_eq!(said(&right[..1]), ["says that c uses b, which it does not"]);
        let too_much = [right[0], right[1], ("gururmm-b", "gururmm-a")];
        assert_eq!(said(&too_much), ["uses a, which its row in docs/ARCHITECTURE.md does not say"]);
        assert_eq!(said(&[right[0], right[1], ("gururmm-new", "gururmm-a")]), ["has no row for the crate new"]);
    }

    #[test]
    fn this_table_is_true() {
        let root = &crate::root().unwrap();
        assert_eq!(check(root, &graph::read(root).unwrap()).unwrap(), []);
    }
}
