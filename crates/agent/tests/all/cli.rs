use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const NOT_ENROLLED: i32 = 4;
const WRONG_ARGUMENTS: i32 = 2;

pub(crate) fn agent(state_dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gururmm-agent"));
    for name in ["GURURMM_SERVER", "GURURMM_SITE_KEY", "GURURMM_LOG"] {
        command.env_remove(name);
    }
    command.arg("--state-dir").arg(state_dir).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Enrols with something wrong, and checks that it is said and that nothing is left half-done.
fn refused(arguments: &[&str], code: i32, said: &str) {
    let folder = TempDir::new().unwrap();
    let state_dir = folder.path().join("state");
    let output = agent(&state_dir, arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
    assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
    assert!(!state_dir.join("identity.json").exists(), "{arguments:?} left an identity");
}

#[test]
fn a_machine_that_is_not_enrolled_says_so_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    let status = agent(folder.path(), &["status"]);
    assert!(status.status.success());
    assert!(stdout(&status).contains("gururmm-agent enroll"), "{}", stdout(&status));

    let status = agent(folder.path(), &["status", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!((&report["enrolled"], &report["running"]), (&false.into(), &false.into()));

    for verb in ["run", "unenroll"] {
        let output = agent(folder.path(), &[verb]);
        assert_eq!(output.status.code(), Some(NOT_ENROLLED), "{verb}: {}", stderr(&output));
        assert!(stderr(&output).contains("not enrolled"), "{verb}: {}", stderr(&output));
    }
}

#[test]
fn what_cannot_be_enrolled_with_is_refused_and_leaves_nothing() {
    let key = "--site-key=grmm_site_example";
    refused(&["enroll"], WRONG_ARGUMENTS, "--site-key");
    refused(&["enroll", key], 1, "--server https://rmm.example.com");
    refused(&["enroll", key, "--server", "rmm.example.com"], 1, "no server address");
    refused(&["enroll", key, "--server", "http://rmm.example.com"], 1, "--allow-insecure");
    refused(&["enroll", key, "--server", "https://a:b@rmm.example.com"], 1, "no server address");
    refused(&["enroll", "--site-key=nonsense", "--server", "http://127.0.0.1:1"], 1, "site key");
    // the discard port of this machine: nobody listens
    refused(&["enroll", key, "--server", "http://127.0.0.1:9"], 1, "");
}

#[test]
fn an_identity_that_cannot_be_read_is_kept_and_the_way_out_is_named() {
    let folder = TempDir::new().unwrap();
    let identity = folder.path().join("identity.json");
    std::fs::write(&identity, "{").unwrap();
    for verb in ["run", "status", "unenroll"] {
        let output = agent(folder.path(), &[verb]);
        assert_eq!(output.status.code(), Some(1), "{verb}");
        assert!(stderr(&output).contains("unenroll --force"), "{verb}: {}", stderr(&output));
        assert_eq!(std::fs::read_to_string(&identity).unwrap(), "{");
    }
    assert!(agent(folder.path(), &["unenroll", "--force"]).status.success());
    assert!(!identity.exists());
}

#[test]
fn the_self_test_passes_here_and_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let set_mode = |mode| std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    set_mode(0o755);
    let open = agent(folder.path(), &["selftest"]);
    assert!(!open.status.success() && String::from_utf8_lossy(&open.stdout).contains("its mode is 755"));
    set_mode(0o700);
    let output = agent(folder.path(), &["selftest", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.status.success(), "{report:#}");
    let verdict = |name: &str| {
        let checks = report["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    for name in ["storage.secret", "storage.spool", "machine.metrics", "commands.output", "commands.kill"] {
        assert_eq!(verdict(name), "passed", "{report:#}");
    }
    assert_eq!(verdict("server.connection"), "skipped");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_service_of_a_machine_that_is_not_enrolled_is_not_installed() {
    let folder = TempDir::new().unwrap();
    let output = agent(folder.path(), &["service", "install"]);
    assert_eq!(output.status.code(), Some(NOT_ENROLLED), "{}", stderr(&output));
}
