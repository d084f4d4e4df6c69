//! `make dist`: the agent for every system, from this one machine.
//!
//! Debian's `rustc-web` brings the sources of the standard library, so that cargo builds it for targets that nobody ships a
//! standard library for here; Debian's mingw links Windows, zig links musl and macOS. The version of the agent names the commit,
//! and paths and times of this machine are kept out of the programs, so that the same commit can give the same bytes.

mod build;
mod imports;
mod macos;
mod publish;
mod target;
mod windows;

use std::path::Path;

use anyhow::{Result, bail};
use clap::Args;

use crate::process;
use build::Builder;
use target::{TARGETS, Target};

#[derive(Args)]
pub(crate) struct Options {
    /// Only these, such as `linux-x86_64` or `windows-i686`; may be repeated. All that are known to link unless told.
    #[arg(long = "target", value_name = "NAME")]
    targets: Vec<String>,
    /// The agent will accept this server and no other.
    #[arg(long, value_name = "URL")]
    server_url: Option<String>,
}

/// Builds, checks and lays out what was asked for, and prints how large it is.
pub(crate) fn dist(root: &Path, options: &Options) -> Result<()> {
    let targets = choose(&options.targets)?;
    let version = build::Version::of(root)?;
    let server_url = options.server_url.as_deref().filter(|url| !url.is_empty());
    let builder = Builder::new(root, &version, server_url)?;
    let mut published = Vec::new();
    for target in targets {
        process::step(&format!("agent for {}", target.name), || {
            let program = builder.program(target)?;
            published.push(publish::publish(root, &version, target, &program)?);
            Ok(())
        })?;
    }
    publish::print_table(&published);
    publish::require_budgets(&published)
}

fn choose(names: &[String]) -> Result<Vec<&'static Target>> {
    let names: Vec<&str> =
        names.iter().flat_map(|names| names.split([',', ' '])).filter(|name| !name.is_empty()).collect();
    for name in &names {
        if !TARGETS.iter().any(|target| target.name == *name) {
            let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            bail!("there is no target {name}; known are {}", known.join(", "));
        }
    }
    let is_chosen = |target: &&Target| if names.is_empty() { is_usual(target) } else { names.contains(&target.name) };
    Ok(TARGETS.iter().filter(is_chosen).collect())
}

/// What has been linked. The list of what macOS offers (`packaging/macos/symbols.txt`) is still empty, so that its programs do not
/// link, and the one for 32-bit Windows has not been tried: both are made only when asked for.
fn is_usual(target: &Target) -> bool {
    use target::{Kind, WindowsKind};
    !matches!(target.kind, Kind::Macos(_) | Kind::MacosUniversal | Kind::Windows(WindowsKind::I686))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_chosen_by_name() {
        let chosen = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            choose(&names).map(|targets| targets.iter().map(|target| target.name).collect::<Vec<_>>())
        };
        assert_eq!(chosen(&[]).unwrap().len(), 4);
        assert_eq!(chosen(&["windows-i686 linux-x86_64"]).unwrap(), ["linux-x86_64", "windows-i686"]);
        assert!(chosen(&["plan9"]).unwrap_err().to_string().contains("known are linux-x86_64"));
    }
}
