use std::fs;

use crate::processes::{AgentHome, ServerHome, command_when, machine, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_arrives_exactly_once_although_the_server_was_killed_while_the_command_ran() {
    let home = ServerHome::new();
    let server = home.start().await;
    let admin = home.administrator().await;
    let agent = AgentHome::enrol(&home, &home.origin()).await;
    let _running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let gate = home.folder().join("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();

    let id = run(&admin, &machine_id, &format!("echo before; cat {}; echo after", gate.display())).await;
    command_when(&admin, &id, "the first output", |command| command["stdout"] == "before\n").await;
    server.kill().unwrap();
    fs::write(&gate, "meanwhile\n").unwrap();
    let _server = home.start().await;

    let command = command_when(&admin, &id, "the result", |command| command["finished_at"].is_string()).await;
    assert_eq!((command["status"].as_str(), command["exit_code"].as_i64()), (Some("completed"), Some(0)));
    assert_eq!(command["stdout"], "before\nmeanwhile\nafter\n");
    assert_eq!(command["stdout_bytes"], 23);
    // the machine goes on as if nothing had been
    let next = run(&admin, &machine_id, "echo again").await;
    let next = command_when(&admin, &next, "the next result", |command| command["finished_at"].is_string()).await;
    assert_eq!(next["stdout"], "again\n");
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["stdout"], "before\nmeanwhile\nafter\n");
}
