//! The dashboard's list of permissions and built-in roles, as the server prints it: the server checks each, the dashboard explains
//! beforehand, and neither knows one that the other does not.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

pub(crate) const FILE: &str = "dashboard/src/api/can.ts";
const HEAD: &str = "// Written by `make gen` from the server's list of permissions.\n";

/// Writes the file.
pub(crate) fn generate(root: &Path) -> Result<()> {
    let mut command = process::cargo(root, "run --quiet -p gururmm-server -- permissions");
    process::clean(&mut command);
    let printed: Value = serde_json::from_str(&process::capture(command)?).context("the server printed no JSON")?;
    let path = root.join(FILE);
    fs::write(&path, source(&printed)?).with_context(|| format!("could not write {}", path.display()))
}

fn source(printed: &Value) -> Result<String> {
    let mut text = format!("{HEAD}\nexport const permissions = {{\n");
    for permission in list(printed, "permissions")? {
        let (name, title, level) = (&permission["name"], &permission["title"], &permission["level"]);
        let (implies, keys) = (&permission["implies"], &permission["is_for_keys"]);
        writeln!(text, "  {name}: {{ title: {title}, level: {level}, implies: {implies}, isForKeys: {keys} }},")?;
    }
    text.push_str("} as const;\n\nexport const builtInRoles = {\n");
    for role in list(printed, "roles")? {
        let (name, title, description) = (&role["name"], &role["title"], &role["description"]);
        let (key, permissions) = (name.as_str().context("a role has a name")?, &role["permissions"]);
        writeln!(text, "  {key}: {{ title: {title}, description: {description}, permissions: {permissions} }},")?;
    }
    text.push_str("} as const;\n\nexport type Permission = keyof typeof permissions;\n");
    text.push_str("export type BuiltInRole = keyof typeof builtInRoles;\n");
    Ok(text)
}

fn list<'a>(printed: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    printed[name].as_array().with_context(|| format!("the server printed no {name}"))
}
