use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use gururmm_embedded_postgres::{Binaries, Config, Connection, EmbeddedPostgres};
use tempfile::TempDir;

/// A directory below `/tmp` that every user can enter.
pub(crate) fn open_dir() -> TempDir {
    let dir = tempfile::Builder::new().prefix("gururmm-ep-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

pub(crate) fn config(dir: &Path) -> Config {
    Config { data_dir: dir.to_owned(), unprivileged_user: None, programs: None }
}

pub(crate) fn start(dir: &Path) -> EmbeddedPostgres {
    EmbeddedPostgres::start(config(dir)).unwrap()
}

pub(crate) fn query(connection: &Connection, sql: &str) -> Result<String, String> {
    let psql = Binaries::find().unwrap().folder().join("psql");
    let output = Command::new(psql)
        .args(["--no-psqlrc", "--no-password", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .arg(connection.url())
        .current_dir("/")
        .output()
        .unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap().trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

pub(crate) fn kill(pid: i32, signal: &str) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

pub(crate) fn is_alive(pid: i32) -> bool {
    // a zombie has no command line any more
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

pub(crate) fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// This test program where every user can run it.
pub(crate) fn copy_of_this_program(dir: &Path) -> PathBuf {
    let copy = dir.join("tests");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    copy
}
