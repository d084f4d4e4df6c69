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
    let dir = root.join("e2e");
    let release = process::target_dir(root)?.join("release");
    process::step("browser tests", || {
        let mut command = process::command(&dir, "npm test --silent --");
        command.args(arguments);
        command.env("GURURMM_E2E_SERVER", release.join("gururmm-server"));
        command.env("GURURMM_E2E_AGENT", release.join("gururmm-agent"));
        command.env("GURURMM_E2E_SIMULATOR", release.join("gururmm-simulator"));
        process::run(command)
    })
}
