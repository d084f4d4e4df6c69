//! An agent that is killed, wherever one of its commands stands: it runs once at most, and everybody learns how it ended.

use std::fs;
use std::path::PathBuf;

use gururmm_server_testkit::{ApiClient, Blocked, Proxy, wait_for};
use gururmm_simulator::processes::Process;
use serde_json::{Value, json};

use crate::processes::{AgentHome, ServerHome, command_when, is_alive, machine, pid_in, run};

/// Commands that one agent runs at the same time.
const SLOTS: usize = 16;

struct Place {
    home: ServerHome,
    admin: ApiClient,
    proxy: Proxy,
    agent: AgentHome,
    machine_id: String,
    running: Option<Process>,
    _server: Process,
}

impl Place {
    async fn new() -> Self {
        let home = ServerHome::new();
        let server = home.start().await;
        let admin = home.administrator().await;
        let proxy = Proxy::start(home.port()).await.unwrap();
        let agent = AgentHome::enrol(&home, &proxy.origin()).await;
        let running = Some(agent.run());
        let machine_id = machine(&admin, "online").await;
        Self { home, admin, proxy, agent, machine_id, running, _server: server }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.folder().join(name)
    }

    /// Asks for a command that leaves a mark whenever it runs, and then does this.
    async fn ask(&self, then: &str) -> String {
        run(&self.admin, &self.machine_id, &format!("echo ran >> {}; {then}", self.file("marks").display())).await
    }

    /// How often it ran.
    fn runs(&self) -> usize {
        fs::read_to_string(self.file("marks")).unwrap_or_default().lines().count()
    }

    /// Kills the agent, opens the network and starts the agent again.
    fn kill_and_start_again(&mut self) {
        self.running.take().unwrap().kill().unwrap();
        self.proxy.block(Blocked::default());
        self.running = Some(self.agent.run());
    }

    async fn end(&self, id: &str) -> Value {
        command_when(&self.admin, id, "the end", |command| command["finished_at"].is_string()).await
    }

    /// The machine works, and nothing is run again meanwhile.
    async fn works(&self) {
        let next = run(&self.admin, &self.machine_id, "echo again").await;
        assert_eq!(self.end(&next).await["stdout"], "again\n");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_it_never_heard_runs_once_when_it_is_back() {
    let mut place = Place::new().await;
    place.proxy.block(Blocked { to_agent: true, to_server: false });
    let id = place.ask("exit 3").await;
    place.kill_and_start_again();
    let command = place.end(&id).await;
    assert_eq!((command["status"].as_str(), command["exit_code"].as_i64()), (Some("failed"), Some(3)));
    place.works().await;
    assert_eq!(place.runs(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_at_it_for_its_turn_runs_once_at_most_and_ends() {
    let mut place = Place::new().await;
    for _ in 0..SLOTS {
        run(&place.admin, &place.machine_id, "echo there; sleep 1000").await;
    }
    wait_for("all slots to be taken", async || {
        let running = place.admin.get("/commands?status=running").await.ok();
        (running["items"].as_array().unwrap().len() == SLOTS).then_some(())
    })
    .await;
    let id = place.ask("true").await;
    place.kill_and_start_again();
    let command = place.end(&id).await;
    place.works().await;
    let expected = match command["status"].as_str() {
        Some("interrupted") => 0,
        Some("completed") => 1,
        other => panic!("{other:?}"),
    };
    assert_eq!(place.runs(), expected, "{command}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_it_could_not_tell_is_told_when_it_is_back_and_is_one() {
    let mut place = Place::new().await;
    let gate = place.file("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();
    let shell = place.file("shell");
    let id = place.ask(&format!("echo $$ > {}; echo begun; cat {}; exit 4", shell.display(), gate.display())).await;
    command_when(&place.admin, &id, "its beginning", |command| command["stdout"] == "begun\n").await;
    place.proxy.block(Blocked { to_agent: false, to_server: true });
    fs::write(&gate, "").unwrap();
    let shell = pid_in(&shell).await;
    wait_for("the shell to end", async || (!is_alive(shell)).then_some(())).await;
    place.kill_and_start_again();
    let command = place.end(&id).await;
    // in this moment its result is on the disk, or not yet
    let end = (command["status"].as_str(), command["exit_code"].as_i64());
    assert!(matches!(end, (Some("failed"), Some(4)) | (Some("interrupted"), None)), "{command}");
    place.works().await;
    assert_eq!(place.runs(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_that_it_did_not_hear_ends_the_command_all_the_same() {
    let mut place = Place::new().await;
    let child = place.file("child");
    let id = place.ask(&format!("echo $$ > {}; sleep 1000", child.display())).await;
    let child = pid_in(&child).await;
    place.proxy.block(Blocked { to_agent: true, to_server: false });
    place.admin.post(&format!("/commands/{id}/cancel"), json!({})).await.ok();
    place.kill_and_start_again();
    let command = place.end(&id).await;
    assert!(matches!(command["status"].as_str(), Some("cancelled" | "interrupted")), "{command}");
    wait_for("the child to be ended", async || (!is_alive(child)).then_some(())).await;
    place.works().await;
    assert_eq!(place.runs(), 1);
}
