//! The dashboard: its packages and its build, each only when its inputs changed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{ownership, process, tree};

const STAMP: &str = ".built-from";

/// Builds `dashboard/dist`, which the server carries inside.
pub(crate) fn build(root: &Path) -> Result<()> {
    let dir = root.join("dashboard");
    install(&dir)?;
    let inputs = tree::fingerprint(std::slice::from_ref(&dir))?;
    let dist = dir.join("dist");
    // beside the packages, so that it is not part of what the server serves
    let stamp = dir.join("node_modules").join(STAMP);
    if dist.join("index.html").exists() && is_stamped(&stamp, &inputs) {
        return Ok(());
    }
    ownership::require_ours(&dir)?;
    process::step("dashboard: build", || process::run(process::command(&dir, "npm run --silent build")))?;
    fs::write(&stamp, inputs).context("could not write the stamp of the dashboard")
}

/// The packages of the npm project in `dir`, exactly as its lock file says.
pub(crate) fn install(dir: &Path) -> Result<()> {
    let wanted = tree::fingerprint(&[dir.join("package.json"), dir.join("package-lock.json")])?;
    let stamp = dir.join("node_modules").join(STAMP.replace("built", "installed"));
    if is_stamped(&stamp, &wanted) {
        return Ok(());
    }
    ownership::require_ours(dir)?;
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    process::step(&format!("{name}: npm ci"), || {
        process::run(process::command(dir, "npm ci --no-audit --no-fund --loglevel=error"))
    })?;
    fs::write(&stamp, wanted).with_context(|| format!("could not write {}", stamp.display()))
}

fn is_stamped(stamp: &PathBuf, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|written| written == wanted)
}
