//! Making a cluster and knowing what one is.
//!
//! A cluster is made under another name and renamed when it is whole, so the name `postgres` never holds half a one.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{Binaries, DATABASE, Error, OWNER, account::Account};

/// What kind of cluster to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe {
    /// Lines for `postgresql.conf`, which the operator may change later.
    pub(crate) settings: &'static str,
    /// Whether the files must survive a power cut from the first moment.
    pub(crate) durable: bool,
}

/// The major version of the cluster in `data`, or `None` when there is no such directory.
pub(crate) fn major_version(data: &Path) -> Result<Option<u32>, Error> {
    if !data.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(data.join("PG_VERSION")).ok();
    let major = text.and_then(|text| text.trim().parse().ok());
    major.map(Some).ok_or_else(|| Error::NotACluster { dir: data.to_owned() })
}

/// Makes the cluster `data` with the owner role and the empty database.
pub(crate) fn create(data: &Path, binaries: &Binaries, account: &Account, recipe: Recipe) -> Result<(), Error> {
    let unfinished = data.with_extension("new");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(Error::io("remove the unfinished", &unfinished))?;
    }
    account.make_private(&unfinished)?;
    run_initdb(&unfinished, binaries, account, recipe)?;
    let conf = unfinished.join("postgresql.conf");
    append(&conf, recipe.settings).map_err(Error::io("write", &conf))?;
    create_database(&unfinished, binaries, account)?;
    fs::rename(&unfinished, data).map_err(Error::io("rename", &unfinished))?;
    if recipe.durable
        && let Some(parent) = data.parent()
    {
        fs::File::open(parent).and_then(|dir| dir.sync_all()).map_err(Error::io("sync", parent))?;
    }
    Ok(())
}

fn run_initdb(data: &Path, binaries: &Binaries, account: &Account, recipe: Recipe) -> Result<(), Error> {
    // macOS has no C.UTF-8; there C with UTF-8 text sorts the same
    let locale = if cfg!(target_os = "macos") { "--locale=C" } else { "--locale=C.UTF-8" };
    let mut command = account.command(&binaries.initdb());
    command.arg("--pgdata").arg(data).args(["--username", OWNER, "--encoding=UTF8", locale]);
    command.args(["--auth-local=trust", "--auth-host=reject", "--no-instructions"]);
    if !recipe.durable {
        command.arg("--no-sync");
    }
    run("initdb", &mut command).map(drop)
}

/// Single-user mode needs neither a socket nor a client, so the database is part of the unfinished cluster already.
fn create_database(data: &Path, binaries: &Binaries, account: &Account) -> Result<(), Error> {
    let mut command = account.command(&binaries.postgres());
    command.args(["--single", "-D"]).arg(data).args(["-c", "exit_on_error=on", "postgres"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |error: std::io::Error| Error::Failed { program: "postgres --single", detail: error.to_string() };
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "create database {DATABASE} owner {OWNER}").map_err(failed)?;
    }
    check("postgres --single", child.wait_with_output().map_err(failed)?).map(drop)
}

/// Runs `command` to its end; its messages become the error's detail.
pub(crate) fn run(program: &'static str, command: &mut Command) -> Result<Output, Error> {
    let output = command.output().map_err(|error| Error::Failed { program, detail: error.to_string() })?;
    check(program, output)
}

fn check(program: &'static str, output: Output) -> Result<Output, Error> {
    if output.status.success() {
        return Ok(output);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let detail = if words.trim().is_empty() { output.status.to_string() } else { words.trim().to_owned() };
    Err(Error::Failed { program, detail })
}

fn append(path: &PathBuf, text: &str) -> std::io::Result<()> {
    OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes())
}
