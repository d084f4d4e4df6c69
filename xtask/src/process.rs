//! Running other programs.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};

/// A command in `dir`, given as one line of words.
pub(crate) fn command(dir: &Path, line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(dir);
    command
}

/// Cargo, the same one that runs us.
pub(crate) fn cargo(root: &Path, line: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(line.split_whitespace()).current_dir(root);
    // set for us by `cargo xtask`; a rebuild of everything would follow from one that differs
    for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// Takes away what the caller's environment would configure in the server or the agent; the filter of logs is kept.
pub(crate) fn clean(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(configures) {
            command.env_remove(name);
        }
    }
    command
}

fn configures(variable: &str) -> bool {
    let is_ours = variable.starts_with("GURURMM_") && variable != "GURURMM_LOG";
    is_ours || variable.starts_with("PG") || ["DATABASE_URL", "NOTIFY_SOCKET"].contains(&variable)
}

/// Runs a command to its end and fails when it does.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let name = describe(&command);
    let status = command.status().with_context(|| format!("could not start `{name}`"))?;
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

/// Runs a command and returns what it printed.
pub(crate) fn capture(mut command: Command) -> Result<String> {
    let name = describe(&command);
    command.stderr(std::process::Stdio::inherit());
    let output = command.output().with_context(|| format!("could not start `{name}`"))?;
    if !output.status.success() {
        bail!("`{name}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{name}` printed something that is not UTF-8"))
}

/// Runs a step with a heading, and prints how long it took.
pub(crate) fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("--- {name}");
    let began = Instant::now();
    work().with_context(|| name.to_owned())?;
    println!("--- {name}: {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// The programs as they ship, and those of the simulator.
pub(crate) fn release(root: &Path) -> Result<()> {
    step("release build", || {
        // apart: what one package wishes of a library would make cargo build it, and all that uses it, once more for all
        for packages in ["-p gururmm-server -p gururmm-agent", "-p gururmm-simulator --bins"] {
            run(cargo(root, &format!("build --release {packages}")))?;
        }
        Ok(())
    })
}

/// Where cargo puts its results.
pub(crate) fn target_dir(root: &Path) -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root).no_deps().exec()?;
    Ok(metadata.target_directory.into_std_path_buf())
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_servers_configuration_is_not_ours() {
        for name in ["GURURMM_DATABASE_URL", "GURURMM_LISTEN", "DATABASE_URL", "PGHOST", "NOTIFY_SOCKET"] {
            assert!(configures(name), "{name}");
        }
        assert!(!configures("GURURMM_LOG") && !configures("PATH"));
    }
}
