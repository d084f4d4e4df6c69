//! `gururmm-simulator` that is used wrongly says what is wrong and what to do, and does nothing by halves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gururmm-simulator");

/// Runs it; answers what it said.
fn fails(mut command: Command) -> String {
    let Output { status, stderr, .. } =
        command.env_remove("GURURMM_TOKEN").env_remove("GURURMM_SITE_KEY").output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

fn simulator(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments);
    command
}

/// A web server that gives the same answer to everything. Says where it is and counts who asks.
fn web_server(status: &'static str, body: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let serve = move |mut stream: TcpStream| {
        count.fetch_add(1, Ordering::SeqCst);
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let length = body.len();
        write!(stream, "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    };
    std::thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap())));
    (format!("http://{address}"), asked)
}

#[test]
fn a_server_that_is_none_or_is_elsewhere_is_named() {
    for (server, reason) in [
        ("https://127.0.0.1:1", "is no address such as http://127.0.0.1:3001"),
        ("127.0.0.1:1", "is no address such as http://127.0.0.1:3001"),
        ("http://192.0.2.1:3001", "is not on this machine"),
        ("http://127.0.0.1", "names no server"),
        ("http://127.0.0.1:1", "nothing answers at http://127.0.0.1:1; start the server first"),
    ] {
        let said = fails(simulator(&["--server", server, "--site-key", "k"]));
        assert!(said.contains(server) && said.contains(reason), "{server}: {said}");
    }
}

#[test]
fn another_programs_server_is_asked_once_and_told_nothing() {
    for status in ["404 Not Found", "200 OK"] {
        let (server, asked) = web_server(status, "<html></html>");
        let said = fails(simulator(&["--server", &server, "--site-key", "k"]));
        assert!(said.contains("is no GuruRMM server"), "{said}");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_limit_on_open_files_that_is_too_low_is_named_with_what_is_possible() {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 300; exec \"$0\" --server http://127.0.0.1:1 --site-key k --agents 1000", PROGRAM]);
    let said = fails(limited);
    assert!(said.contains("1000 connections need 1064 open files, and this process may have 300"), "{said}");
    assert!(said.contains("simulate at most 236 machines"), "{said}");
}

#[test]
fn a_folder_for_identities_that_cannot_be_is_said_before_anything_is_enrolled() {
    let (server, asked) = web_server("200 OK", "ready\n");
    let said = fails(simulator(&["--server", &server, "--site-key", "k", "--identities", "/proc/none"]));
    assert!(said.contains("/proc/none"), "{said}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "{said}");
}

#[test]
fn without_a_key_it_says_which_there_are() {
    let (server, _) = web_server("200 OK", "ready\n");
    let said = fails(simulator(&["--server", &server]));
    assert!(said.contains("--site-key") && said.contains("--token"), "{said}");
}

#[test]
fn impossible_shares_and_counts_are_refused() {
    for arguments in [&["--agents", "0"][..], &["--slow-readers", "1.1"], &["--ramp=-1"], &["--agents", "many"]] {
        let said = fails(simulator(arguments));
        assert!(said.contains(arguments[0].trim_end_matches("=-1")) && said.contains("--help"), "{said}");
    }
}
