//! Rules on the graph of crates. Test dependencies do not count: they ship nowhere.
//!
//! Among our own crates the graph is that of the workspace. What a crate takes from outside depends on the features its
//! own tree switches on, which only `cargo tree` for that one crate tells.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Violation;
use crate::process;

/// Crate → what it is built with, test dependencies left out.
pub(crate) type Graph = BTreeMap<String, BTreeSet<String>>;

const AGENT_SIDE: [&str; 3] = ["gururmm-agent", "gururmm-agent-core", "gururmm-agent-os"];
const SERVER: &str = "gururmm-server";
/// May see both sides, because it is the place where they meet in tests.
const MEETING_PLACE: &str = "gururmm-server-testkit";
/// Crate, what it must not be built with, why.
const FORBIDDEN: [(&str, &str, &str); 4] = [
    ("gururmm-agent-core", "tokio", "agent-core decides and does no I/O"),
    ("gururmm-agent-core", "reqwest", "agent-core decides and does no I/O"),
    ("gururmm-protocol", "tokio", "protocol is types, not transport"),
    ("gururmm-agent", "sqlx", "the agent has no PostgreSQL"),
];

/// The graph of the workspace's own crates.
pub(crate) fn read(root: &Path) -> Result<Graph> {
    let metadata = MetadataCommand::new().current_dir(root).exec().context("cargo metadata failed")?;
    let resolve = metadata.resolve.as_ref().context("cargo metadata has no graph")?;
    let name = |id| metadata[id].name.to_string();
    let is_ours = |id: &&cargo_metadata::PackageId| metadata.workspace_members.contains(id);
    let ships = |dependency: &&cargo_metadata::NodeDep| {
        dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development)
    };
    let mut graph = Graph::new();
    for node in resolve.nodes.iter().filter(|node| is_ours(&&node.id)) {
        let dependencies = node.deps.iter().filter(ships).map(|dependency| &dependency.pkg).filter(is_ours);
        graph.entry(name(&node.id)).or_default().extend(dependencies.map(name));
    }
    Ok(graph)
}

/// Every rule on the graph.
pub(crate) fn check(graph: &Graph) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut forbid = |from: &str, to: &str, why: &str| {
        if reachable(graph, from).contains(to) {
            violations.push(Violation::new(from, format!("must not depend on {to}: {why}")));
        }
    };
    for agent in AGENT_SIDE {
        forbid(SERVER, agent, "the server and the agent share the protocol and nothing else");
        forbid(agent, SERVER, "the server and the agent share the protocol and nothing else");
    }
    for package in graph.keys().filter(|package| package.as_str() != MEETING_PLACE) {
        let below = reachable(graph, package);
        let sees_agent = AGENT_SIDE.iter().any(|agent| below.contains(*agent));
        if sees_agent && below.contains(SERVER) && !AGENT_SIDE.contains(&package.as_str()) && package != SERVER {
            violations.push(Violation::new(package, format!("only {MEETING_PLACE} may depend on both sides")));
        }
    }
    violations
}

/// The rules on what comes from outside.
pub(crate) fn check_outside(root: &Path) -> Result<Vec<Violation>> {
    let mut trees: BTreeMap<&str, String> = BTreeMap::new();
    let mut violations = Vec::new();
    for (from, to, why) in FORBIDDEN {
        if !trees.contains_key(from) {
            let line = format!("tree --package {from} --edges normal,build --target all --prefix none --format {{p}}");
            trees.insert(from, process::capture(process::cargo(root, &line))?);
        }
        if contains_crate(&trees[from], to) {
            violations.push(Violation::new(from, format!("must not depend on {to}: {why}")));
        }
    }
    Ok(violations)
}

/// Whether one of the lines `name version` is about `name`.
fn contains_crate(tree: &str, name: &str) -> bool {
    tree.lines().any(|line| line.split_whitespace().next() == Some(name))
}

/// Everything below `from`, without itself.
fn reachable<'a>(graph: &'a Graph, from: &'a str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        for dependency in graph.get(next).into_iter().flatten() {
            if found.insert(dependency.as_str()) {
                open.push(dependency);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        graph
    }

    fn places(edges: &[(&str, &str)]) -> Vec<String> {
        check(&graph(edges)).into_iter().map(|violation| violation.place).collect()
    }

    #[test]
    fn the_meeting_place_may_see_both_sides() {
        let allowed = [
            ("gururmm-server-testkit", "gururmm-server"),
            ("gururmm-server-testkit", "gururmm-simulator"),
            ("gururmm-simulator", "gururmm-agent-core"),
            ("gururmm-server", "gururmm-protocol"),
            ("gururmm-agent", "gururmm-agent-os"),
        ];
        assert_eq!(places(&allowed), Vec::<String>::new());
    }

    #[test]
    fn the_server_must_not_reach_the_agent_even_through_others() {
        let edges = [("gururmm-server", "middle"), ("middle", "gururmm-agent-core")];
        assert_eq!(places(&edges), ["gururmm-server"]);
    }

    #[test]
    fn nobody_else_may_see_both_sides() {
        let edges = [("gururmm-simulator", "gururmm-agent-core"), ("gururmm-simulator", "gururmm-server")];
        assert_eq!(places(&edges), ["gururmm-simulator"]);
    }

    #[test]
    fn crates_are_compared_by_their_whole_name() {
        let tree = "gururmm-agent-core v0.1.0 (/x)\ntokio-util v0.7.1\n";
        assert!(contains_crate(tree, "tokio-util"));
        assert!(!contains_crate(tree, "tokio"));
    }

    #[test]
    fn this_workspace_obeys() {
        let root = &crate::root().unwrap();
        assert_eq!(check(&read(root).unwrap()), []);
        assert_eq!(check_outside(root).unwrap(), []);
    }
}
