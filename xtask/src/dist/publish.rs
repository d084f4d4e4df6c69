//! What lies in `dist/` afterwards: each program under its version and its target's name, its SHA-256, a link to the latest, and
//! the folders from which a server hands out agents (`gururmm-server serve --agents-dir dist/agents`).

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
};

use anyhow::{Context as _, Result, bail};

use super::{build::Version, server::Server, target::Target};
use crate::process;

const MB: u64 = 1_000_000;

/// One program, and what is said of it in the table.
pub(crate) struct Published {
    file: String,
    size: u64,
    budget: u64,
    sum: String,
}

/// Copies the program into `dist/`. What is there already is replaced at once: nobody who downloads gets half a program.
///
/// Agents that are built for one server lie in a folder of that server's name, and none of the others is touched.
pub(crate) fn publish(
    root: &Path,
    version: &Version,
    server: Option<&Server>,
    target: &Target,
    program: &Path,
) -> Result<Published> {
    let dist = match server {
        Some(server) => root.join("dist").join(server.label()),
        None => root.join("dist"),
    };
    fs::create_dir_all(&dist)?;
    let file = file_name(&format!("{}-{}", version.number, version.commit), target);
    let path = dist.join(&file);
    replace(&path, |new| {
        fs::copy(program, new).with_context(|| format!("could not copy {}", program.display()))?;
        Ok(fs::set_permissions(new, fs::Permissions::from_mode(0o755))?)
    })?;
    let sum = sum(&path)?;
    replace(&dist.join(format!("{file}.sha256")), |new| Ok(fs::write(new, format!("{sum}  {file}\n"))?))?;
    let latest = file_name("latest", target);
    link(&file, &dist.join(&latest))?;
    replace(&dist.join(format!("{latest}.sha256")), |new| Ok(fs::write(new, format!("{sum}  {latest}\n"))?))?;
    for (os, arch) in target.places {
        let folder = dist.join("agents").join(os).join(arch);
        fs::create_dir_all(&folder)?;
        link(&format!("../../../{file}"), &folder.join(target.program()))?;
    }
    Ok(Published { size: fs::metadata(&path)?.len(), file, budget: target.budget_mb * MB, sum })
}

fn file_name(version: &str, target: &Target) -> String {
    let ending = target.program().strip_prefix("gururmm-agent").unwrap_or_default();
    format!("gururmm-agent-{version}-{}{ending}", target.name)
}

fn sum(path: &Path) -> Result<String> {
    let mut command = std::process::Command::new("sha256sum");
    command.arg(path);
    let text = process::capture(command)?;
    text.split_whitespace().next().map(str::to_owned).context("sha256sum printed nothing")
}

fn link(target: &str, path: &Path) -> Result<()> {
    replace(path, |new| Ok(symlink(target, new)?))
}

fn replace(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    let _ = fs::remove_file(new);
    make(new)?;
    Ok(fs::rename(new, path)?)
}

#[expect(clippy::cast_precision_loss, reason = "sizes of programs")]
fn mb(bytes: u64) -> f64 {
    bytes as f64 / MB as f64
}

/// The sizes and sums.
pub(crate) fn print_table(published: &[Published]) {
    println!("\n| program | size | budget | SHA-256 |\n|---|---|---|---|");
    for Published { file, size, budget, sum } in published {
        println!("| {file} | {:.2} MB | {:.0} MB | {sum} |", mb(*size), mb(*budget));
    }
}

/// Fails when one is larger than it may be.
pub(crate) fn require_budgets(published: &[Published]) -> Result<()> {
    let large: Vec<_> = published.iter().filter(|one| one.size > one.budget).map(|one| one.file.as_str()).collect();
    if !large.is_empty() {
        bail!("larger than the budget: {}", large.join(", "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::target::TARGETS;

    #[test]
    fn a_program_is_laid_out_with_its_sum_and_the_latest_link() {
        let root = tempfile::tempdir().unwrap();
        let program = root.path().join("built");
        let version = |number: &str| Version::for_tests(number, "0123456789ab");
        let target = TARGETS.iter().find(|target| target.name == "windows-x86_64").unwrap();
        fs::write(&program, "one").unwrap();
        publish(root.path(), &version("0.1.0"), None, target, &program).unwrap();
        fs::write(&program, "two!").unwrap();
        let published = publish(root.path(), &version("0.2.0"), None, target, &program).unwrap();

        let dist = root.path().join("dist");
        let read = |name: &str| fs::read_to_string(dist.join(name)).unwrap();
        assert_eq!(published.size, 4);
        assert_eq!(read("gururmm-agent-0.1.0-0123456789ab-windows-x86_64.exe"), "one");
        assert_eq!(read("gururmm-agent-latest-windows-x86_64.exe"), "two!");
        assert_eq!(read("agents/windows/x86_64/gururmm-agent.exe"), "two!");
        let line = read("gururmm-agent-latest-windows-x86_64.exe.sha256");
        assert_eq!(line, format!("{}  gururmm-agent-latest-windows-x86_64.exe\n", published.sum));
        assert!(require_budgets(&[published]).is_ok());

        fs::write(&program, "locked").unwrap();
        let server = Server::parse("https://rmm.example.com").unwrap();
        publish(root.path(), &version("0.2.0"), Some(&server), target, &program).unwrap();
        assert_eq!(read("rmm.example.com/gururmm-agent-latest-windows-x86_64.exe"), "locked");
        assert_eq!(read("gururmm-agent-latest-windows-x86_64.exe"), "two!", "the one for any server stays");
    }

    #[test]
    fn a_program_above_its_budget_is_an_error() {
        let published = Published { file: "agent".to_owned(), size: 9 * MB, budget: 8 * MB, sum: String::new() };
        assert!(require_budgets(&[published]).is_err());
    }
}
