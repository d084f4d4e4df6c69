//! `make dist`: the agent for every system, from this one machine.
//!
//! Debian's `rustc-web` brings the sources of the standard library, so that cargo builds it for targets that nobody ships a
//! standard library for here; Debian's mingw links Windows, zig links musl and macOS. The version of the agent names the commit,
//! and paths and times of this machine are kept out of the programs, so that the same commit can give the same bytes.

mod build;
mod imports;
mod macos;
mod publish;
mod server;
mod target;
mod windows;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::process;
use build::Builder;
use server::Server;
use target::{TARGETS, Target};

#[derive(Args)]
pub(crate) struct Options {
    /// Only these, such as `linux-x86_64` or `windows-i686`; may be repeated. All unless told.
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
    let server = options.server_url.as_deref().filter(|url| !url.is_empty()).map(Server::parse).transpose()?;
    let builder = Builder::new(root, &version, server.as_ref())?;
    let mut published = Vec::new();
    for target in targets {
        process::step(&format!("agent for {}", target.name), || {
            let program = builder.program(target)?;
            published.push(publish::publish(root, &version, server.as_ref(), target, &program)?);
            Ok(())
        })?;
    }
    publish::print_table(&published);
    publish::require_budgets(&published)
}

/// Builds the agent for this machine's kind of processor, as it ships; says where it is.
pub(crate) fn for_this_machine(root: &Path) -> Result<PathBuf> {
    let name = format!("linux-{}", std::env::consts::ARCH);
    let target = choose(&[name])?;
    let version = build::Version::of(root)?;
    let mut program = PathBuf::new();
    process::step(&format!("agent for {}", target[0].name), || {
        program = Builder::new(root, &version, None)?.program(target[0])?;
        Ok(())
    })?;
    Ok(program)
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
    Ok(TARGETS.iter().filter(|target| names.is_empty() || names.contains(&target.name)).collect())
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
        assert_eq!(chosen(&[]).unwrap().len(), TARGETS.len());
        assert_eq!(chosen(&["windows-i686 linux-x86_64"]).unwrap(), ["linux-x86_64", "windows-i686"]);
        assert!(chosen(&["plan9"]).unwrap_err().to_string().contains("known are linux-x86_64"));
    }
}
