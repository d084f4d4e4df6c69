//! Rules on lines of source. Comments do not count.

use std::{fs, path::Path};

use anyhow::Result;

use super::{Violation, size};
use crate::tree;

const EXTENSIONS: [&str; 4] = ["rs", "ts", "tsx", "mjs"];
/// Written by machines.
const GENERATED: [&str; 2] = ["dashboard/src/api/can.ts", "dashboard/src/api/schema.d.ts"];
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
const ROUTES: [&str; 5] = [".route(", ".route_service(", ".nest_service(", ".fallback(", ".fallback_service("];
/// What only few places of the server may do: the word, the places, the reason.
const RESERVED: [(&str, &[&str], &str); 6] = [
    (
        ".owner()",
        &[
            "crates/server/src/lifecycle.rs",
            "crates/server/src/lifecycle/",
            "crates/server/src/features/auth/jobs.rs",
            "crates/server/src/features/enrolment/jobs.rs",
            "crates/server/src/features/history/jobs.rs",
            "crates/server/src/features/install_reports/jobs.rs",
            "crates/server/src/features/metrics/jobs.rs",
        ],
        "the owner's connection sees every organisation: it is for start-up and periodic jobs",
    ),
    (
        ".begin_for(",
        &[
            "crates/server/src/platform/db/",
            "crates/server/src/platform/audit/refused.rs",
            "crates/server/src/features/auth/api/",
            // in whose name a schedule works is found in its organisation
            "crates/server/src/features/schedules/fire.rs",
        ],
        "a transaction comes from the caller's scope: `begin_scoped`",
    ),
    (
        ".statement()",
        &["crates/server/src/platform/db/", "crates/server/src/features/commands/api/run.rs"],
        "a connection without a scope is for one statement that opens its own",
    ),
    (
        "reqwest",
        &["crates/server/src/platform/outgoing/"],
        "addresses that users configure are called by `platform::outgoing`, which reaches nothing inside",
    ),
    ("AssertSqlSafe", &["crates/server/src/platform/db/"], "SQL is a literal, or built by `QueryBuilder`"),
    (
        "tokio::spawn(",
        // a beginning transaction is waited for, and comes to its end when nobody waits any more
        &["crates/server/src/lifecycle.rs", "crates/server/src/lifecycle/", "crates/server/src/platform/db/mod.rs"],
        "a task that nobody waits for is cut off at the stop: use the tracker",
    ),
];
const SYSTEMS: [&str; 6] = ["target_os", "unix", "windows", "target_family", "linux", "macos"];

/// Every rule on every source file.
pub(crate) fn check(root: &Path) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for top in ["crates", "xtask", "dashboard/src", "e2e"] {
        for path in tree::files(&root.join(top))? {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let is_source = path.extension().is_some_and(|found| EXTENSIONS.iter().any(|it| found == *it));
            if is_source && !GENERATED.contains(&name.as_str()) {
                violations.extend(check_file(&name, &fs::read_to_string(&path)?));
            }
        }
    }
    Ok(violations)
}

/// Every rule on one file, `name` being its path in the repository.
fn check_file(name: &str, text: &str) -> Vec<Violation> {
    let mut violations: Vec<_> = size::check(name, text).into_iter().collect();
    for (index, _) in text.lines().enumerate().filter(|(_, line)| imports_another_feature(name, line)) {
        let rule = "no feature of the dashboard imports another: move what is shared to src/components";
        violations.push(Violation::new(format!("{name}:{}", index + 1), rule));
    }
    if Path::new(name).extension().is_none_or(|extension| extension != "rs") || name.starts_with("xtask/") {
        return violations;
    }
    // tests at the end of a file may do what the product must not
    let product = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    for (index, line) in product.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default().trim();
        let next = product.lines().nth(index + 1).unwrap_or_default().trim();
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
        if ROUTES.iter().any(|word| code.contains(word)) && !ROUTE_PLACES.iter().any(|place| name.starts_with(place)) {
            broken.push("routes are made from operations, or tests of permissions would miss them".to_owned());
        }
        if name.starts_with("crates/server/src/platform/") && code.contains("features::") {
            broken.push("platform/ knows no feature".to_owned());
        }
        broken.extend(foreign_private_module(name, code));
        let is_broken = |(word, places, _): &&(&str, &[&str], &str)| {
            code.contains(word) && !places.iter().any(|place| name.starts_with(place))
        };
        broken.extend(RESERVED.iter().filter(is_broken).map(|(_, _, reason)| (*reason).to_owned()));
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

/// `from "@/features/sites/…"` or `from "../sites/…"` in another feature of the dashboard.
fn imports_another_feature(name: &str, line: &str) -> bool {
    let Some(rest) = name.strip_prefix("dashboard/src/features/") else { return false };
    let Some((own, _)) = rest.split_once('/') else { return false };
    let Some((_, path)) = line.split_once("from \"").or_else(|| line.split_once("import(\"")) else { return false };
    let up = "../".repeat(rest.matches('/').count());
    let target = path.strip_prefix("@/features/").or_else(|| path.strip_prefix(up.as_str()));
    target.is_some_and(|target| !target.starts_with(&format!("{own}/")))
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
        assert_eq!(rules("crates/server/src/features/agents/mod.rs", "router.fallback_service(files)"), 1);
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
    fn what_sees_every_organisation_is_for_few_places() {
        let handler = "crates/server/src/features/sites/api/get.rs";
        for line in ["db.owner().await?;", "db.begin_for(org)", "raw_sql(AssertSqlSafe(text))", "tokio::spawn(x());"] {
            assert_eq!(rules(handler, line), 1, "{line}");
        }
        assert_eq!(rules(handler, "reqwest::Client::builder()"), 1);
        assert_eq!(rules("crates/server/src/platform/outgoing/mod.rs", "use reqwest::Client;"), 0);
        assert_eq!(rules(handler, "app.db.begin_scoped(&scope).await?;"), 0);
        assert_eq!(rules("crates/server/src/features/metrics/jobs.rs", "db.owner().await?;"), 0);
    }

    #[test]
    fn features_of_the_dashboard_do_not_know_each_other() {
        let own = "dashboard/src/features/sites/page.tsx";
        for line in ["import { x } from \"@/features/clients/x\";", "import { x } from \"../clients/x\";"] {
            assert_eq!(rules(own, line), 1, "{line}");
        }
        for line in ["import { x } from \"./x\";", "import { x } from \"@/components/x\";", "// \"../clients/x\""] {
            assert_eq!(rules(own, line), 0, "{line}");
        }
        let deeper = "dashboard/src/features/sites/form/fields.tsx";
        assert_eq!(rules(deeper, "import { x } from \"../page\";"), 0);
        assert_eq!(rules(deeper, "import { x } from \"../../clients/x\";"), 1);
    }

    #[test]
    fn this_workspace_obeys() {
        let root = &crate::root().unwrap();
        assert_eq!(check(root).unwrap(), []);
    }
}
