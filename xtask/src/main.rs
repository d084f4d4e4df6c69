//! What `make` does: building, running, testing, checking and generating, in one place and the same on every machine.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool of developers")]

mod arch;
mod bench;
mod check;
mod configuration;
mod dashboard;
mod dist;
mod generate;
mod ownership;
mod permissions;
mod process;
mod run;
mod simulated;
mod sqlx;
mod test;
mod tree;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "GuruRMM's build tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start a server on this machine and enrol the machine as its first agent.
    Run(run::Options),
    /// Dashboard, Rust and browser tests.
    Test {
        /// Only tests whose name contains this; the dashboard's and the browser's are left out then.
        filter: Option<String>,
    },
    /// The browser tests.
    E2e {
        /// Handed to the test runner.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The page of the fleet with 10,000 machines, in a browser, for ten minutes.
    Load,
    /// The server and the agent as they ship, for tests from outside.
    Product,
    /// Format, import rules, lints, licences and generated files.
    Check,
    /// The import rules alone.
    Arch,
    /// Write the generated files.
    Gen,
    /// Fail when a generated file is not what its source says.
    CheckGenerated,
    /// Measure against the budgets.
    Bench {
        /// Handed to the measuring program.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// A server with simulated machines, to look at.
    Demo {
        /// Handed to the demonstration.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Let simulated machines work while things break.
    Soak {
        /// Handed to the program.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The agent for every system, in `dist/`.
    Dist(dist::Options),
    /// Format Rust and TypeScript.
    Fmt,
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let root = root()?;
    match task {
        Task::Run(options) => run::run(&root, &options),
        Task::Test { filter } => test::test(&root, filter.as_deref()),
        Task::E2e { arguments } => test::e2e(&root, &arguments),
        Task::Load => test::load(&root),
        Task::Product => test::product(&root),
        Task::Check => check::check(&root),
        Task::Arch => arch::arch(&root),
        Task::Gen => generate::generate(&root),
        Task::CheckGenerated => generate::check_generated(&root),
        Task::Bench { arguments } => bench::bench(&root, &arguments),
        Task::Demo { arguments } => simulated::become_program(&root, "gururmm-demo", &arguments),
        Task::Soak { arguments } => simulated::become_program(&root, "gururmm-soak", &arguments),
        Task::Dist(options) => dist::dist(&root, &options),
        Task::Fmt => check::format(&root),
    }
}

/// The repository: the folder above this crate, as `cargo run` tells it. What was compiled in may be another clone's, which shares the
/// build folder.
fn root() -> Result<PathBuf> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    let root = here.parent().map(std::path::Path::to_owned).unwrap_or_default();
    root.canonicalize().with_context(|| format!("there is no repository in {}", root.display()))
}
