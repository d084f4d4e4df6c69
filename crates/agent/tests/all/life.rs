//! The life of an enrolment: the program against a server, from outside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use gururmm_protocol::command::Outcome;
use tempfile::TempDir;

use crate::cli::{agent, stderr};
use crate::server::{Came, Server, Then};

const ALREADY_ENROLLED: i32 = 3;
const REMOVED: i32 = 78;

/// An enrolled machine.
struct Machine {
    server: Server,
    folder: TempDir,
}

impl Machine {
    fn enrolled() -> Self {
        let machine = Self { server: Server::start(), folder: TempDir::new().unwrap() };
        let output = machine.enrol();
        assert!(output.status.success(), "{}", stderr(&output));
        machine.server.wait(|came| matches!(came, Came::Enrolment).then_some(()));
        machine
    }

    fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn agent(&self, arguments: &[&str]) -> std::process::Output {
        agent(&self.state_dir(), arguments)
    }

    fn enrol(&self) -> std::process::Output {
        self.agent(&["enroll", "--server", &self.server.origin, "--site-key", &self.server.site_key()])
    }

    fn run(&self) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gururmm-agent"));
        Running::start(command.arg("--state-dir").arg(self.state_dir()).arg("run"))
    }

    fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.state_dir()).unwrap().flatten();
        let mut names: Vec<_> = names.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// A running agent that does not outlive its value.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the agent does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn stop(mut self) -> ExitStatus {
        Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().lines().count()
}

#[test]
fn an_enrolment_happens_once_and_leaves_with_everything_it_brought() {
    let machine = Machine::enrolled();
    let again = machine.enrol();
    assert_eq!(again.status.code(), Some(ALREADY_ENROLLED), "{}", stderr(&again));

    let running = machine.run();
    machine.server.wait_for_connection();
    assert!(running.stop().success());
    let left = machine.agent(&["unenroll"]);
    assert!(left.status.success(), "{}", stderr(&left));
    machine.server.wait(|came| matches!(came, Came::Unenrolment).then_some(()));
    assert_eq!(machine.files(), ["agent.lock", "device-id"]);
}

#[test]
fn why_an_enrolment_failed_is_told_without_the_key() {
    let machine = Machine { server: Server::start(), folder: TempDir::new().unwrap() };
    let other =
        gururmm_protocol::secret::Fingerprint::of(&ed25519_dalek::SigningKey::from_bytes(&[8; 32]).verifying_key());
    let key = gururmm_protocol::secret::site_key(&[3; 32], &other);
    let failed = machine.agent(&["enroll", "--server", &machine.server.origin, "--site-key", &key]);
    assert!(!failed.status.success());
    let report = machine.server.wait(|came| if let Came::Report(report) = came { Some(report) } else { None });
    assert_eq!(report.site_key_hash, gururmm_protocol::secret::hash_hex(key.as_bytes()));
    assert_eq!((report.step.as_str(), report.os.as_str()), ("enroll", std::env::consts::OS));
    assert!(report.message.contains("not the server"), "{}", report.message);
    assert!(!serde_json::to_string(&report).unwrap().contains(&key));
}

#[test]
fn one_agent_runs_in_a_folder() {
    let machine = Machine::enrolled();
    let first = machine.run();
    machine.server.wait_for_connection();
    // at the same time, since each waits a while for whoever only looks
    std::thread::scope(|threads| {
        for (arguments, said) in [
            (&["run"][..], "another agent runs"),
            (&["unenroll"], "stop it first"),
            (&["unenroll", "--force"], "stop it first"),
        ] {
            let state_dir = machine.state_dir();
            threads.spawn(move || {
                let output = agent(&state_dir, arguments);
                assert_eq!(output.status.code(), Some(1), "{arguments:?}");
                assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
            });
        }
    });
    assert!(first.stop().success());
}

#[test]
fn a_removed_agent_ends_for_good_until_it_is_enrolled_anew() {
    let machine = Machine::enrolled();
    machine.server.then(Then::Remove);
    assert_eq!(machine.run().wait().code(), Some(REMOVED));
    machine.server.wait_for_connection();
    assert_eq!(machine.run().wait().code(), Some(REMOVED));
    // the server knows already
    assert!(machine.agent(&["unenroll"]).status.success());
    assert!(machine.enrol().status.success());
    machine.server.then(Then::Nothing);
    let running = machine.run();
    machine.server.wait_for_connection();
    assert!(running.stop().success());
}

#[test]
fn an_order_that_comes_again_after_a_restart_does_not_run_again() {
    let machine = Machine::enrolled();
    let traces = machine.folder.path().join("traces");
    let order = machine.server.order(&format!("echo ran >> {}", traces.display()));
    machine.server.then(Then::Orders(vec![order.clone()]));
    let mut awaited = order.clone();
    for graceful in [true, false, true] {
        let running = machine.run();
        assert_eq!(machine.server.wait_for_result_of(&awaited).outcome, Outcome::Completed);
        if graceful {
            assert!(running.stop().success());
        } else {
            drop(running);
        }
        // the next run hears the same once more; the result of what comes after it tells that it was heard
        awaited = machine.server.order("true");
        machine.server.then(Then::Orders(vec![order.clone(), awaited.clone()]));
    }
    assert_eq!(lines(&traces), 1);
}

#[test]
fn a_machine_with_a_full_disk_still_takes_orders() {
    let machine = Machine::enrolled();
    let running = machine.run();
    machine.server.wait_for_connection();
    assert!(running.stop().success());

    machine.server.then(Then::OrderLater("echo room".to_owned()));
    // no file may grow, not by one byte
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' XFSZ; ulimit -f 0; exec \"$@\"",
        "sh",
        env!("CARGO_BIN_EXE_gururmm-agent"),
        "--state-dir",
    ]);
    let running = Running::start(command.arg(machine.state_dir()).arg("run"));
    assert_eq!(machine.server.wait_for_result().outcome, Outcome::Completed);
    assert!(running.stop().success());

    // with room again it works as ever, and knows that it does not know what it ran meanwhile
    machine.server.then(Then::Nothing);
    let running = machine.run();
    machine.server.wait_for_connection();
    assert!(running.stop().success());
    assert!(machine.files().contains(&"agent.db".to_owned()));
}

#[test]
fn a_database_that_breaks_is_replaced_by_the_next_start() {
    let machine = Machine::enrolled();
    let running = machine.run();
    machine.server.wait_for_connection();
    assert!(running.stop().success());
    // an unread result, damaged in a way that no look at the file from outside shows
    let damage = "INSERT INTO records (sequence, kind, command_id, json) VALUES (900, 2, 'x', '{')";
    rusqlite::Connection::open(machine.state_dir().join("agent.db")).unwrap().execute_batch(damage).unwrap();
    assert_eq!(machine.run().wait().code(), Some(1));

    machine.server.then(Then::Orders(vec![machine.server.order("true")]));
    let running = machine.run();
    assert_eq!(machine.server.wait_for_result().outcome, Outcome::Failed, "it was issued before the memory was lost");
    assert!(running.stop().success());
    assert!(machine.files().contains(&"agent.db.damaged".to_owned()));
}
