use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::processes::{AgentHome, ServerHome, command_when, machine, pid_in, run};

/// As a laptop whose lid is closed: nothing runs, nobody is told, and it goes on where it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_was_suspended_goes_on_and_loses_and_doubles_nothing() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let agent = AgentHome::enrol(&home, &home.origin()).await;
    let running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let (pid, gate) = (home.folder().join("pid"), home.folder().join("gate"));
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();
    let text = format!("echo $$ > {}; echo before; read line < {}; echo after", pid.display(), gate.display());
    let id = run(&admin, &machine_id, &text).await;
    command_when(&admin, &id, "the first output", |command| command["stdout"] == "before\n").await;
    let shell = pid_in(&pid).await;

    let machine_is = [running.id().cast_signed(), shell].map(Pid::from_raw);
    machine_is.iter().for_each(|process| kill(*process, Signal::SIGSTOP).unwrap());
    machine(&admin, "offline").await;
    // somebody wants something of it meanwhile
    let waiting = run(&admin, &machine_id, "echo meanwhile").await;
    assert_eq!(admin.get(&format!("/commands/{waiting}")).await.ok()["status"], "queued");
    machine_is.iter().for_each(|process| kill(*process, Signal::SIGCONT).unwrap());
    machine(&admin, "online").await;
    std::fs::write(&gate, "go\n").unwrap();

    let command = command_when(&admin, &id, "the end", |command| command["finished_at"].is_string()).await;
    assert_eq!((command["status"].as_str(), command["stdout"].as_str()), (Some("completed"), Some("before\nafter\n")));
    let waiting = command_when(&admin, &waiting, "the other's end", |command| command["finished_at"].is_string()).await;
    assert_eq!((waiting["status"].as_str(), waiting["stdout"].as_str()), (Some("completed"), Some("meanwhile\n")));
}
