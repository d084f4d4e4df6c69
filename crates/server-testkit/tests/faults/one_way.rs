use gururmm_server_testkit::{Blocked, Proxy};

use crate::processes::{AgentHome, ServerHome, command_when, machine, run};

/// Cuts one way while a command runs: the session ends on both sides, the command goes on, its result arrives once.
async fn survives(blocked: Blocked) {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let proxy = Proxy::start(home.port()).await.unwrap();
    let agent = AgentHome::enrol(&home, &proxy.origin()).await;
    let _running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let gate = home.folder().join("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();
    let id = run(&admin, &machine_id, &format!("echo before; cat {}; exit 7", gate.display())).await;
    command_when(&admin, &id, "the first output", |command| command["stdout"] == "before\n").await;

    proxy.block(blocked);
    // the server has noticed when it says so; the agent has when it comes back through the open proxy
    machine(&admin, "offline").await;
    std::fs::write(&gate, "meanwhile\n").unwrap();
    proxy.block(Blocked::default());
    machine(&admin, "online").await;

    let command = command_when(&admin, &id, "the result", |command| command["finished_at"].is_string()).await;
    assert_eq!((command["status"].as_str(), command["exit_code"].as_i64()), (Some("failed"), Some(7)));
    assert_eq!(command["stdout"], "before\nmeanwhile\n");
    let next = run(&admin, &machine_id, "echo again").await;
    command_when(&admin, &next, "the next result", |command| command["stdout"] == "again\n").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_carries_nothing_to_the_server_ends_the_session_and_loses_nothing() {
    survives(Blocked { to_server: true, to_agent: false }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_carries_nothing_to_the_agent_ends_the_session_and_loses_nothing() {
    survives(Blocked { to_server: false, to_agent: true }).await;
}
