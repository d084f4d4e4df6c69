//! Rules on lines of source. Comments do not count.

use std::{fs, path::Path};

use anyhow::Result;

use super::Violation;
use crate::tree;

const LONGEST_FILE: usize = 800;
/// Written by machines.
const GENERATED: [&str; 1] = ["dashboard/src/api/schema.d.ts"];
/// Modules that are their feature's own business.
const PRIVATE_MODULES: [&str; 4] = ["api", "db", "model", "service"];
/// Where routes may be made: the wrapper that also writes the API document, the agents' socket, and what is public by nature and
/// shows nothing of any organisation.
const ROUTE_PLACES: [&str; 6] = [
    "crates/server/src/platform/http/",
    "crates/server/src/gateway/",
    "crates/server/src/features/dashboard/",
    "crates/server/src/features/docs/",
    "crates/server/src/features/downloads/",
    "crates/server/src/features/health/",
];
const SYSTEMS: [&str; 6] = ["target_os", "unix", "windows", "target_family", "linux", "macos"];

/// Every rule on every source file.
pub(crate) fn check(root: &Path) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for top in ["crates", "xtask", "dashboard/src", "e2e"] {
        for path in tree::files(&root.join(top))? {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let is_source = path.extension().is_some_and(|found| ["rs", "ts", "tsx"].iter().any(|it| found == *it));
            if is_source && !GENERATED.contains(&name.as_str()) {
                violations.extend(check_file(&name, &fs::read_to_string(&path)?));
            }
        }
    }
    Ok(violations)
}

/// Every rule on one file, `name` being its path in the repository.
fn check_file(name: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        violations.push(Violation::new(name, format!("has {lines} lines, more than {LONGEST_FILE}: split it")));
    }
    if Path::new(name).extension().is_none_or(|extension| extension != "rs") || name.starts_with("xtask/") {
        return violations;
    }
    for (index, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default().trim();
        let next = text.lines().nth(index + 1).unwrap_or_default().trim();
        for rule in broken_rules(name, code, next) {
            violations.push(Violation::new(format!("{name}:{}", index + 1), rule));
        }
    }
    violations
}

/// The rules that one line of code breaks; `next` is the line after it.
fn broken_rules(name: &str, code: &str, next: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if name.starts_with("crates/server/src/") {
        if code.contains(".route(") && !ROUTE_PLACES.iter().any(|place| name.starts_with(place)) {
            broken.push("routes are made from operations, or tests of permissions would miss them".to_owned());
        }
        if name.starts_with("crates/server/src/platform/") && code.contains("features::") {
            broken.push("platform/ knows no feature".to_owned());
        }
        broken.extend(foreign_private_module(name, code));
    }
    if name.starts_with("crates/agent-core/src/") {
        for word in ["std::fs", "std::net", "std::process", "tokio::"] {
            if code.contains(word) {
                broken.push(format!("agent-core does no I/O, so it has no {word}"));
            }
        }
    }
    if name.starts_with("crates/agent-os/src/") && is_system_switch(code) && !is_module_line(code, next) {
        broken.push("#[cfg] for a system stands on `mod` lines only; make a file per system".to_owned());
    }
    broken
}

/// `crate::features::scripts::db` anywhere but in `features/scripts/`.
fn foreign_private_module(name: &str, code: &str) -> Option<String> {
    let own = name.strip_prefix("crates/server/src/features/").and_then(|rest| rest.split(['/', '.']).next());
    for path in code.split("features::").skip(1) {
        let Some((feature, rest)) = path.split_once("::") else { continue };
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split(['}', ';']).next().unwrap_or_default().split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let module = names
            .iter()
            .filter_map(|name| name.split(|c| !is_word(c)).next())
            .find(|module| PRIVATE_MODULES.contains(module));
        if let Some(module) = module.filter(|_| feature.chars().all(is_word) && Some(feature) != own) {
            return Some(format!("`{module}` belongs to the feature {feature}: use what its mod.rs re-exports"));
        }
    }
    None
}

fn is_system_switch(code: &str) -> bool {
    let is_cfg = code.starts_with("#[cfg(") || code.starts_with("#[cfg_attr(") || code.contains("cfg!(");
    is_cfg && SYSTEMS.iter().any(|system| code.contains(system))
}

/// The attribute stands on a `mod` item or on the `use` that shows what is in it.
fn is_module_line(code: &str, next: &str) -> bool {
    let item = if code.ends_with(']') { next } else { code.rsplit(']').next().unwrap_or_default().trim() };
    let item = ["pub(crate) ", "pub(super) ", "pub "].iter().find_map(|word| item.strip_prefix(word)).unwrap_or(item);
    item.starts_with("mod ") || item.starts_with("use ") || item.starts_with("#[")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(name: &str, text: &str) -> usize {
        check_file(name, text).len()
    }

    #[test]
    fn routes_come_from_the_wrapper() {
        let line = "    router.route(\"/x\", get(x))\n";
        assert_eq!(rules("crates/server/src/features/agents/mod.rs", line), 1);
        assert_eq!(rules("crates/server/src/platform/http/routes.rs", line), 0);
        assert_eq!(rules("crates/server/src/gateway/mod.rs", line), 0);
        assert_eq!(rules("crates/server/src/app.rs", "// never .route( here\n"), 0);
    }

    #[test]
    fn the_platform_knows_no_feature() {
        let line = "use crate::features::agents::Agent;\n";
        assert_eq!(rules("crates/server/src/platform/audit.rs", line), 1);
        assert_eq!(rules("crates/server/src/app.rs", line), 0);
    }

    #[test]
    fn another_features_modules_are_private() {
        let own = "crates/server/src/features/clients/api/get.rs";
        assert_eq!(rules(own, "use crate::features::clients::db;\n"), 0);
        assert_eq!(rules(own, "use crate::features::sites::Site;\n"), 0);
        assert_eq!(rules(own, "use crate::features::sites::db;\n"), 1);
        assert_eq!(rules(own, "use crate::features::sites::{Site, db};\n"), 1);
        assert_eq!(rules(own, "    crate::features::sites::model::parse(name)\n"), 1);
        assert_eq!(rules("crates/server/src/gateway/x.rs", "use crate::features::agents::db;\n"), 1);
    }

    #[test]
    fn the_core_of_the_agent_does_no_io() {
        assert_eq!(rules("crates/agent-core/src/lib.rs", "use std::fs;\n"), 1);
        assert_eq!(rules("crates/agent-core/src/lib.rs", "use std::net::IpAddr;\n"), 1);
        assert_eq!(rules("crates/agent-core/src/lib.rs", "//! no tokio::spawn here\n"), 0);
    }

    #[test]
    fn systems_are_told_apart_by_files() {
        let name = "crates/agent-os/src/metrics/mod.rs";
        assert_eq!(rules(name, "#[cfg(target_os = \"linux\")]\nmod linux;\n"), 0);
        assert_eq!(rules(name, "#[cfg(windows)]\n#[path = \"w.rs\"]\nmod platform;\n"), 0);
        assert_eq!(rules(name, "#[cfg(unix)]\npub use unix::*;\n"), 0);
        assert_eq!(rules(name, "#[cfg(unix)]\nfn read() {}\n"), 1);
        assert_eq!(rules(name, "    if cfg!(windows) {\n"), 1);
        assert_eq!(rules(name, "#[cfg(test)]\nmod tests {}\n"), 0);
    }

    #[test]
    fn long_files_are_split() {
        assert_eq!(rules("crates/x/src/lib.rs", &"\n".repeat(801)), 1);
        assert_eq!(rules("dashboard/src/x.tsx", &"\n".repeat(800)), 0);
    }
}
