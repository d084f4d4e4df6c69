//! The shape of the system as rules that fail: who may depend on whom, and what may stand where.
//!
//! Rules on the graph of crates (`graph`, `table`), on lines of source (`sources`), on the length of files (`size`) and on
//! what pages promise (`errors`, `security`). Each violation names the place and the reason.

mod errors;
mod graph;
mod security;
mod size;
mod sources;
mod table;

use std::path::Path;

use anyhow::{Result, bail};

/// A broken rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    place: String,
    rule: String,
}

impl Violation {
    fn new(place: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { place: place.into(), rule: rule.into() }
    }
}

/// Checks every rule.
pub(crate) fn arch(root: &Path) -> Result<()> {
    let graph = graph::read(root)?;
    let mut violations = graph::check(&graph);
    violations.extend(table::check(root, &graph)?);
    violations.extend(graph::check_outside(root)?);
    violations.extend(sources::check(root)?);
    violations.extend(errors::check(root)?);
    violations.extend(security::check(root)?);
    for violation in &violations {
        println!("{}: {}", violation.place, violation.rule);
    }
    if violations.is_empty() { Ok(()) } else { bail!("{} broken rules", violations.len()) }
}
