//! Starts that cannot succeed: each says why and what to do, and harms nothing.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output};

use gururmm_simulator::processes::{clean, free_port};
use serde_json::{Value, json};

use crate::processes::{ServerHome, program};

fn refused(mut command: Command) -> String {
    let Output { status, stderr, stdout } = command.output().unwrap();
    let text = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(!String::from_utf8_lossy(&stdout).contains("ready"), "it said it was ready");
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_refused_and_the_first_goes_on() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let text = refused(home.command_on(free_port().unwrap()));
    assert!(text.contains("another") || text.contains("in use") || text.contains("already"), "{text}");
    admin.get("/clients").await.ok();
}

#[test]
fn a_taken_port_is_named_and_no_database_is_made() {
    let home = ServerHome::new();
    let _taken = TcpListener::bind(("127.0.0.1", home.port())).unwrap();
    let text = refused(home.command());
    assert!(text.contains(&home.port().to_string()) && text.contains("--listen"), "{text}");
    assert!(!home.data_dir().join("postgres").exists());
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let home = ServerHome::new();
    // a file in the way stops root too, whom permissions do not
    fs::write(home.data_dir(), "in the way").unwrap();
    let text = refused(home.command());
    assert!(text.contains(&*home.data_dir().to_string_lossy()), "{text}");
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    let home = ServerHome::new();
    let mut command = home.command();
    command.args([
        "--database-url",
        &format!("postgres://gururmm:unspeakable@127.0.0.1:{}/gururmm", free_port().unwrap()),
    ]);
    let text = refused(command);
    assert!(text.contains("database") && !text.contains("unspeakable"), "{text}");
}

#[test]
fn an_empty_configuration_file_keeps_a_server_here_away_from_the_installed_ones_database() {
    let mut command = Command::new(program("gururmm-server"));
    let output = clean(command.args(["config", "--config", "/dev/null"])).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("database_url = null   # built in"), "{text}");
    let command = ServerHome::new().command();
    let arguments: Vec<_> = command.get_args().collect();
    assert!(arguments.windows(2).any(|pair| pair == ["--config", "/dev/null"]), "{command:?}");
}

#[test]
fn a_typo_in_the_configuration_is_named() {
    let home = ServerHome::new();
    let mut command = home.command();
    command.env("GURURMM_LISTEN_ADDRESS", "127.0.0.1:1");
    let text = refused(command);
    assert!(text.contains("listen_address"), "{text}");
}

#[test]
fn missing_programs_of_the_database_are_named_with_what_to_do() {
    let home = ServerHome::new();
    let mut command = home.command();
    command.env("GURURMM_POSTGRES_DIR", "/nonexistent");
    let text = refused(command);
    for part in ["PostgreSQL", "apt-get install postgresql", "/nonexistent", "DATABASE_URL"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(!home.data_dir().join("postgres").exists());
}

#[test]
fn the_usual_variable_names_the_database_as_the_advice_says() {
    let home = ServerHome::new();
    let mut command = home.command();
    command.env("GURURMM_POSTGRES_DIR", "/nonexistent");
    command.env("DATABASE_URL", format!("postgres://gururmm:unspeakable@127.0.0.1:{}/gururmm", free_port().unwrap()));
    let text = refused(command);
    assert!(text.contains("cannot connect to the database") && !text.contains("unspeakable"), "{text}");
}

#[test]
fn a_data_directory_of_somebody_else_is_named() {
    let home = ServerHome::new();
    let closed = home.folder().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = as_a_normal_user(&home, "serve");
    command.args(["--listen", &format!("127.0.0.1:{}", home.port()), "--data-dir"]).arg(closed.join("data"));
    let text = refused(command);
    assert!(text.contains("cannot write") && text.contains(&*closed.join("data").to_string_lossy()), "{text}");
}

/// The server as somebody whom permissions stop. Root becomes the database's user, with a copy of the program where that one can read it.
fn as_a_normal_user(home: &ServerHome, verb: &str) -> Command {
    let program = crate::processes::program("gururmm-server");
    let mut command = if nix::unistd::geteuid().is_root() {
        let copy = home.folder().join("gururmm-server");
        fs::copy(program, &copy).unwrap();
        let user = nix::unistd::User::from_name("postgres").unwrap().unwrap();
        let mut command = Command::new(copy);
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        command
    } else {
        Command::new(program)
    };
    clean(&mut command);
    command.args([verb, "--config", "/dev/null"]).current_dir("/");
    command
}

/// What the doctor finds: its exit code and its checks.
fn doctor(home: &ServerHome, change: impl FnOnce(&mut Command)) -> (Option<i32>, Value) {
    let mut command = Command::new(crate::processes::program("gururmm-server"));
    clean(&mut command);
    command.args([
        "doctor",
        "--json",
        "--config",
        "/dev/null",
        "--listen",
        &format!("127.0.0.1:{}", home.port()),
        "--data-dir",
    ]);
    command.arg(home.data_dir());
    change(&mut command);
    let output = command.output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

fn verdict<'a>(report: &'a Value, check: &str) -> &'a Value {
    &report["checks"].as_array().unwrap().iter().find(|found| found["check"] == check).unwrap()["verdict"]
}

#[tokio::test]
async fn the_doctor_finds_what_stops_a_start_and_changes_nothing() {
    let home = ServerHome::new();
    let (code, report) = doctor(&home, |_| {});
    assert_eq!((code, &report["ok"]), (Some(0), &json!(true)), "{report}");
    assert!(!home.data_dir().exists(), "it only looks");

    let taken = TcpListener::bind(("127.0.0.1", home.port())).unwrap();
    taken.set_nonblocking(true).unwrap();
    let (code, report) = doctor(&home, |command| {
        command.env("GURURMM_POSTGRES_DIR", "/nonexistent");
    });
    assert_eq!((code, &report["ok"]), (Some(1), &json!(false)), "{report}");
    assert_eq!((verdict(&report, "port"), verdict(&report, "database")), (&json!("error"), &json!("error")));
    assert_eq!(verdict(&report, "data_dir"), "ok");
    drop(taken);

    let (code, report) = doctor(&home, |command| {
        command.env("GURURMM_LISTEN_ADDRESS", "127.0.0.1:1");
    });
    assert_eq!((code, verdict(&report, "configuration")), (Some(1), &json!("error")), "{report}");

    let _server = home.start().await;
    let (code, report) = doctor(&home, |_| {});
    assert_eq!(
        (code, verdict(&report, "port")),
        (Some(0), &json!("ok")),
        "a server that runs is no obstacle: {report}"
    );
}

#[tokio::test]
async fn the_local_key_is_its_owners_alone_even_in_a_file_that_was_open() {
    let home = ServerHome::new();
    fs::create_dir(home.data_dir()).unwrap();
    fs::set_permissions(home.data_dir(), fs::Permissions::from_mode(0o755)).unwrap();
    let key = home.data_dir().join("local-site-key");
    fs::write(&key, "old").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let server = home.start().await;
    home.administrator().await;
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    drop(server);
    let _server = home.start().await;
    gururmm_server_testkit::wait_for("the key to go", async || (!key.exists()).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_is_started_again() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let pid_file = home.data_dir().join("postgres/postmaster.pid");
    let postmaster = || -> Option<i32> { fs::read_to_string(&pid_file).ok()?.lines().next()?.trim().parse().ok() };
    let killed = postmaster().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(killed), nix::sys::signal::Signal::SIGKILL).unwrap();
    // a question that is asked meanwhile may just wait: whether nobody answers cannot be relied on
    gururmm_server_testkit::wait_for("another database", async || postmaster().filter(|pid| *pid != killed)).await;
    gururmm_server_testkit::wait_for("the database to be back", async || {
        (admin.get("/clients").await.status == 200).then_some(())
    })
    .await;
}
