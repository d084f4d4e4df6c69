//! What the SQL macros know about the database, so that a build needs none (`crates/server/.sqlx`).
//!
//! The server does not compile before its queries are known, so its own migrator cannot be used here: the files are
//! applied with psql, in the order of their names, to a database of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use anyhow::{Context as _, Result, bail};
use gururmm_embedded_postgres::{Binaries, Connection, OWNER, TemporaryPostgres};

use crate::{process, tree};

/// Replaces `crates/server/.sqlx` by what the present queries need.
pub(crate) fn prepare(root: &Path) -> Result<()> {
    let server = root.join("crates/server");
    let cluster = TemporaryPostgres::shared()?;
    let database = Database::create(&cluster)?;
    migrate(&database.connection, &server.join("migrations"))?;
    let fresh = process::target_dir(root)?.join("sqlx-prepare");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    // the macros write while they are expanded, so the crate has to be compiled again
    let _touched = Touched::new(&server)?;
    let mut check = process::cargo(root, "check --quiet -p gururmm-server --all-targets");
    check.env("SQLX_OFFLINE", "false").env("SQLX_OFFLINE_DIR", &fresh).env("DATABASE_URL", database.connection.url());
    process::run(check)?;
    replace(&fresh, &server.join(".sqlx"))
}

fn migrate(connection: &Connection, dir: &Path) -> Result<()> {
    for file in tree::files(dir)?.iter().filter(|file| file.extension().is_some_and(|extension| extension == "sql")) {
        let text = fs::read_to_string(file)?;
        let mut psql = psql(connection)?;
        if !text.starts_with("-- no-transaction") {
            psql.arg("--single-transaction");
        }
        psql.arg("--file").arg(file);
        process::run(psql).with_context(|| format!("could not apply {}", file.display()))?;
    }
    Ok(())
}

/// A database that goes away with the value.
struct Database {
    owner: Connection,
    connection: Connection,
}

impl Database {
    fn create(cluster: &TemporaryPostgres) -> Result<Self> {
        let name = format!("sqlx_prepare_{}", std::process::id());
        let owner = cluster.owner();
        execute(&owner, &format!("create database {name}"))?;
        Ok(Self { connection: cluster.connection(OWNER, &name), owner })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Err(error) = execute(&self.owner, &format!("drop database {} with (force)", self.connection.database)) {
            println!("could not drop the database: {error:#}");
        }
    }
}

fn execute(connection: &Connection, sql: &str) -> Result<()> {
    let mut psql = psql(connection)?;
    psql.args(["--command", sql]);
    process::run(psql)
}

fn psql(connection: &Connection) -> Result<Command> {
    let program = Binaries::find()?.folder().join("psql");
    if !program.is_file() {
        bail!("psql is missing in {}; install `postgresql-client`", program.display());
    }
    let mut command = Command::new(program);
    command.args(["--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1"]).arg(connection.url());
    command.env("PGOPTIONS", "--client-min-messages=warning").stdout(std::process::Stdio::null());
    Ok(command)
}

/// The roots of the crate, looking newer than they are until the value goes: what was built from them before stays fresh.
struct Touched(Vec<(PathBuf, SystemTime)>);

impl Touched {
    fn new(server: &Path) -> Result<Self> {
        let mut touched = Self(Vec::new());
        for dir in ["src", "tests", "benches", "examples"] {
            for file in tree::files(&server.join(dir))? {
                if file.file_name().is_some_and(|name| name == "lib.rs" || name == "main.rs") {
                    let before = fs::metadata(&file)?.modified()?;
                    set_modified(&file, SystemTime::now())?;
                    touched.0.push((file, before));
                }
            }
        }
        Ok(touched)
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        for (file, before) in &self.0 {
            if let Err(error) = set_modified(file, *before) {
                println!("{} looks newer than it is: {error:#}", file.display());
            }
        }
    }
}

fn set_modified(file: &Path, time: SystemTime) -> std::io::Result<()> {
    fs::File::options().append(true).open(file)?.set_modified(time)
}

/// Makes `old` the same as `fresh`, leaving files alone that are right already.
fn replace(fresh: &Path, old: &Path) -> Result<()> {
    fs::create_dir_all(old)?;
    let by_name = |dir: &Path| -> Result<Vec<PathBuf>> { tree::files(dir) };
    for file in by_name(old)? {
        let name = file.file_name().unwrap_or_default();
        if !fresh.join(name).exists() {
            fs::remove_file(&file)?;
        }
    }
    for file in by_name(fresh)? {
        let target = old.join(file.file_name().unwrap_or_default());
        let text = fs::read(&file)?;
        if fs::read(&target).ok().as_ref() != Some(&text) {
            fs::write(&target, text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_look_new_only_while_they_are_checked() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("src/lib.rs");
        fs::create_dir(dir.path().join("src")).unwrap();
        fs::write(&file, "").unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        set_modified(&file, long_ago).unwrap();
        let modified = || fs::metadata(&file).unwrap().modified().unwrap();
        let touched = Touched::new(dir.path()).unwrap();
        assert_ne!(modified(), long_ago);
        drop(touched);
        assert_eq!(modified(), long_ago);
    }

    #[test]
    fn replacing_removes_what_is_no_longer_there() {
        let dir = tempfile::tempdir().unwrap();
        let (fresh, old) = (dir.path().join("fresh"), dir.path().join("old"));
        fs::create_dir_all(&fresh).unwrap();
        fs::create_dir_all(&old).unwrap();
        fs::write(fresh.join("query-1.json"), "1").unwrap();
        fs::write(old.join("query-1.json"), "stale").unwrap();
        fs::write(old.join("query-2.json"), "gone").unwrap();
        replace(&fresh, &old).unwrap();
        assert_eq!(fs::read_to_string(old.join("query-1.json")).unwrap(), "1");
        assert!(!old.join("query-2.json").exists());
    }

    #[test]
    fn migrations_run_in_the_order_of_their_names() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("2_second.sql"), "insert into t values (1);").unwrap();
        fs::write(dir.path().join("1_first.sql"), "create table t (n int);").unwrap();
        fs::write(dir.path().join("3_index.sql"), "-- no-transaction\ncreate index concurrently t_n on t (n);")
            .unwrap();
        let cluster = TemporaryPostgres::shared().unwrap();
        let database = Database::create(&cluster).unwrap();
        migrate(&database.connection, dir.path()).unwrap();
        execute(&database.connection, "select n from t").unwrap();
    }
}
