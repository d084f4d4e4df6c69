use gururmm_server_testkit::{Blocked, Proxy, wait_for};

use crate::processes::{AgentHome, ServerHome, command_when, is_alive, machine, pid_in, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_killed_before_the_acknowledgement_loses_and_doubles_nothing_and_leaves_no_child() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let proxy = Proxy::start(home.port()).await.unwrap();
    let agent = AgentHome::enrol(&home, &proxy.origin()).await;
    let running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let (child, orphan, gate) = (home.folder().join("child"), home.folder().join("orphan"), home.folder().join("gate"));
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();

    // one child in the shell's group, one that has left it
    let text = format!(
        "sleep 1000 & echo $! > {child}; setsid sh -c 'echo $$ > {orphan}; exec sleep 1000' & echo first; read line < {gate}; echo second; wait",
        child = child.display(),
        orphan = orphan.display(),
        gate = gate.display(),
    );
    let id = run(&admin, &machine_id, &text).await;
    let (child, orphan) = (pid_in(&child).await, pid_in(&orphan).await);
    command_when(&admin, &id, "the first output", |command| command["stdout"] == "first\n").await;
    // from here on the agent hears of no acknowledgement, while the server gets everything
    proxy.block(Blocked { to_agent: true, to_server: false });
    std::fs::write(&gate, "go\n").unwrap();
    command_when(&admin, &id, "the second output", |command| command["stdout"] == "first\nsecond\n").await;
    running.kill().unwrap();
    proxy.block(Blocked::default());
    let _running = agent.run();

    let command = command_when(&admin, &id, "the end", |command| command["finished_at"].is_string()).await;
    assert_eq!(command["status"], "interrupted");
    assert_eq!(command["stdout"], "first\nsecond\n");
    wait_for("the children to be ended", async || (!is_alive(child) && !is_alive(orphan)).then_some(())).await;
    // and the machine works
    let next = run(&admin, &machine_id, "echo again").await;
    let next = command_when(&admin, &next, "the next result", |command| command["finished_at"].is_string()).await;
    assert_eq!((next["status"].as_str(), next["stdout"].as_str()), (Some("completed"), Some("again\n")));
}
