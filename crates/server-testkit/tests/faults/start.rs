//! Starts that cannot succeed: each says why and what to do, and harms nothing.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Output};

use crate::processes::{ServerHome, program};
use gururmm_simulator::processes::{clean, free_port};

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
    command.args(["--database-url", &format!("postgres://gururmm:secret@127.0.0.1:{}/gururmm", free_port().unwrap())]);
    let text = refused(command);
    assert!(text.contains("database") && !text.contains("secret"), "{text}");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_is_started_again() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let pid_file = home.data_dir().join("postgres/postmaster.pid");
    let postmaster: i32 = fs::read_to_string(pid_file).unwrap().lines().next().unwrap().trim().parse().unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(postmaster), nix::sys::signal::Signal::SIGKILL).unwrap();
    gururmm_server_testkit::wait_for("the database to be lost", async || {
        (admin.get("/clients").await.status != 200).then_some(())
    })
    .await;
    gururmm_server_testkit::wait_for("the database to be back", async || {
        (admin.get("/clients").await.status == 200).then_some(())
    })
    .await;
}
