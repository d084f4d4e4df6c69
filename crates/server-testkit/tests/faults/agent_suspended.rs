use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::processes::{AgentHome, ServerHome, command_when, machine, pid_in, run};

/// Processes that stand still, as on a machine that is suspended: nothing runs, nobody is told, and they go on where they were.
struct Suspended([Pid; 2]);

impl Suspended {
    fn new(processes: [Pid; 2]) -> Self {
        for process in processes {
            kill(process, Signal::SIGSTOP).unwrap();
        }
        Self(processes)
    }
}

/// Also when the test fails: who stands still cannot be ended.
impl Drop for Suspended {
    fn drop(&mut self) {
        for process in self.0 {
            kill(process, Signal::SIGCONT).ok();
        }
    }
}

/// The clocks go on meanwhile; what a jump of them does is tested where they are injected.
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

    let suspended = Suspended::new([running.id().cast_signed(), shell].map(Pid::from_raw));
    machine(&admin, "offline").await;
    // somebody wants something of it meanwhile
    let waiting = run(&admin, &machine_id, "echo meanwhile").await;
    assert_eq!(admin.get(&format!("/commands/{waiting}")).await.ok()["status"], "queued");
    drop(suspended);
    machine(&admin, "online").await;
    std::fs::write(&gate, "go\n").unwrap();

    let command = command_when(&admin, &id, "the end", |command| command["finished_at"].is_string()).await;
    assert_eq!((command["status"].as_str(), command["stdout"].as_str()), (Some("completed"), Some("before\nafter\n")));
    let waiting = command_when(&admin, &waiting, "the other's end", |command| command["finished_at"].is_string()).await;
    assert_eq!((waiting["status"].as_str(), waiting["stdout"].as_str()), (Some("completed"), Some("meanwhile\n")));
}
