use std::fs;

use gururmm_server_testkit::wait_for;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::processes::{AgentHome, ServerHome, command_when, lines, machine, run};

/// The database's first process.
fn database(home: &ServerHome) -> Option<Pid> {
    let text = fs::read_to_string(home.data_dir().join("postgres/postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}

/// Stops the database while a command writes, with what it is told so: the server brings it back, and nothing is lost or doubled.
async fn survives(signal: Signal) {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let agent = AgentHome::enrol(&home, &home.origin()).await;
    let _running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let (gate, mark) = (home.folder().join("gate"), home.folder().join("mark"));
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();
    let text = format!(
        "i=0; while [ ! -e {mark} ]; do i=$((i+1)); echo line $i; sleep 0.01; done; read line < {gate}; echo $i lines >&2",
        mark = mark.display(),
        gate = gate.display(),
    );
    let id = run(&admin, &machine_id, &text).await;
    command_when(&admin, &id, "output", |command| command["stdout_bytes"].as_u64() > Some(100)).await;

    let stopped = database(&home).unwrap();
    kill(stopped, signal).unwrap();
    wait_for("another database", async || database(&home).filter(|pid| *pid != stopped)).await;
    let at_the_stop = command_when(&admin, &id, "the database to answer", |_| true).await["stdout_bytes"].as_u64();
    command_when(&admin, &id, "more output", |command| command["stdout_bytes"].as_u64() > at_the_stop).await;
    fs::write(&mark, "").unwrap();
    fs::write(&gate, "go\n").unwrap();

    let command = command_when(&admin, &id, "the end", |command| command["finished_at"].is_string()).await;
    let count = command["stderr"].as_str().unwrap().split(' ').next().unwrap().parse::<u32>().unwrap();
    assert_eq!((command["status"].as_str(), command["exit_code"].as_i64()), (Some("completed"), Some(0)));
    assert_eq!(command["stdout"], lines("line", count));
    let next = run(&admin, &machine_id, "echo again").await;
    command_when(&admin, &next, "the next result", |command| command["stdout"] == "again\n").await;
}

/// What `pg_ctl stop -m fast` sends: it ends its sessions and closes its files in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_stopped_in_order_comes_back_and_has_everything_once() {
    survives(Signal::SIGINT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_comes_back_and_has_everything_once() {
    survives(Signal::SIGKILL).await;
}
