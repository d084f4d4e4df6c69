//! All tests. A test that needs something this machine lacks fails; nothing is skipped.

use std::path::Path;

use anyhow::Result;

use crate::{dashboard, ownership, process};

/// Dashboard, Rust, browser.
pub(crate) fn test(root: &Path, filter: Option<&str>) -> Result<()> {
    dashboard::build(root)?;
    let filter = filter.unwrap_or_default();
    if filter.is_empty() {
        let dir = root.join("dashboard");
        process::step("dashboard: tests", || process::run(process::command(&dir, "npm test --silent")))?;
    }
    process::step("Rust tests", || {
        process::run(process::cargo(root, &format!("nextest run --workspace --no-fail-fast {filter}")))
    })?;
    if filter.is_empty() { e2e(root, &[]) } else { Ok(()) }
}

/// The server and the agent as they ship, and what the tests of both from outside need.
pub(crate) fn product(root: &Path) -> Result<()> {
    dashboard::build(root)?;
    process::release(root)?;
    let dir = root.join("e2e");
    dashboard::install(&dir)?;
    ownership::require_ours(&dir)
}

/// The browser against the server and the agent as they ship.
pub(crate) fn e2e(root: &Path, arguments: &[String]) -> Result<()> {
    product(root)?;
    process::step("browser tests", || in_browser(root, "npm test --silent --", arguments))
}

/// The page of the fleet while thousands of machines are alive.
pub(crate) fn load(root: &Path) -> Result<()> {
    product(root)?;
    in_browser(root, "npm run --silent load", &[])
}

fn in_browser(root: &Path, line: &str, arguments: &[String]) -> Result<()> {
    let release = process::target_dir(root)?.join("release");
    let mut command = process::command(&root.join("e2e"), line);
    command.args(arguments);
    for (variable, program) in [
        ("GURURMM_E2E_SERVER", "gururmm-server"),
        ("GURURMM_E2E_AGENT", "gururmm-agent"),
        ("GURURMM_E2E_SIMULATOR", "gururmm-simulator"),
    ] {
        command.env(variable, release.join(program));
    }
    process::run(command)
}
