//! What must hold besides the tests.

use std::path::Path;

use anyhow::Result;

use crate::{arch, dashboard, generate, process};

/// Everything, the quickest first.
pub(crate) fn check(root: &Path) -> Result<()> {
    process::step("format", || process::run(process::cargo(root, "fmt --all --check")))?;
    process::step("import rules", || arch::arch(root))?;
    dashboard::build(root)?;
    process::step("dashboard: format, lints, types", || {
        process::run(process::command(&root.join("dashboard"), "npm run --silent check"))
    })?;
    process::step("lints", || {
        process::run(process::cargo(root, "clippy --quiet --workspace --all-targets -- -D warnings"))
    })?;
    process::step("licences, sources, banned crates", || {
        process::run(process::cargo(root, "deny --log-level warn check bans licenses sources"))
    })?;
    process::step("generated files", || generate::check_generated(root))
}

/// Formats in place.
pub(crate) fn format(root: &Path) -> Result<()> {
    process::run(process::cargo(root, "fmt --all"))?;
    let dir = root.join("dashboard");
    dashboard::install(&dir)?;
    process::run(process::command(&dir, "npx --no-install biome check --write ."))
}
