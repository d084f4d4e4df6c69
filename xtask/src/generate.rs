//! Generated files, in the order in which they depend on each other: checked SQL → API document → TypeScript types; the dashboard's
//! list of permissions; and the table of options.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use crate::{configuration, dashboard, permissions, process, sqlx, tree};

/// Writes every generated file in its place. The dashboard is not built: its types are among the results.
pub(crate) fn generate(root: &Path) -> Result<()> {
    process::step("crates/server/.sqlx", || sqlx::prepare(root))?;
    process::step("openapi/api.json", || openapi(root))?;
    process::step("dashboard/src/api/schema.d.ts", || {
        let codegen = root.join("dashboard/codegen");
        dashboard::install(&codegen)?;
        process::run(process::command(&codegen, "npm run --silent gen"))
    })?;
    process::step(permissions::FILE, || permissions::generate(root))?;
    process::step(configuration::PAGE, || configuration::generate(root))
}

/// Generates and says which files were not what they should be.
pub(crate) fn check_generated(root: &Path) -> Result<()> {
    let before = contents(root)?;
    generate(root)?;
    let after = contents(root)?;
    if before == after {
        return Ok(());
    }
    let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
    let mut changed: Vec<_> = before.keys().chain(after.keys()).filter(differs).collect();
    changed.sort();
    changed.dedup();
    for path in &changed {
        println!("out of date: {}", path.strip_prefix(root).unwrap_or(path).display());
    }
    bail!("{} generated files were out of date and are right now: look at them and commit them", changed.len())
}

fn contents(root: &Path) -> Result<std::collections::BTreeMap<PathBuf, Vec<u8>>> {
    let mut all = std::collections::BTreeMap::new();
    let types = "dashboard/src/api/schema.d.ts";
    for path in ["crates/server/.sqlx", "openapi/api.json", types, permissions::FILE, configuration::PAGE] {
        all.append(&mut tree::contents(&root.join(path))?);
    }
    Ok(all)
}

fn openapi(root: &Path) -> Result<()> {
    let text = process::capture(process::cargo(root, "run --quiet -p gururmm-server -- openapi"))?;
    let _: serde_json::Value = serde_json::from_str(&text).context("the server printed no JSON document")?;
    let path = root.join("openapi/api.json");
    fs::create_dir_all(root.join("openapi"))?;
    // as printed: the order of the operations is that of the source
    fs::write(&path, format!("{}\n", text.trim_end())).with_context(|| format!("could not write {}", path.display()))
}
