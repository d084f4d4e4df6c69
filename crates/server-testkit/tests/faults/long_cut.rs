use gururmm_server_testkit::{Blocked, Proxy};

use crate::processes::{AgentHome, ServerHome, command_when, lines, machine, run};

/// Seconds for which nothing gets through, and lines that are written meanwhile, one in each.
const SECONDS: u32 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_writes_in_a_minute_without_network_is_there_afterwards_in_order() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let proxy = Proxy::start(home.port()).await.unwrap();
    let agent = AgentHome::enrol(&home, &proxy.origin()).await;
    let _running = agent.run();
    let machine_id = machine(&admin, "online").await;
    let (gate, written) = (home.folder().join("gate"), home.folder().join("written"));
    for fifo in [&gate, &written] {
        nix::unistd::mkfifo(fifo, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();
    }
    let text = format!(
        "echo before; read line < {gate}; i=0; while [ $i -lt {SECONDS} ]; do i=$((i+1)); echo line $i; echo error $i >&2; sleep 1; done; \
         echo all > {written}; read line < {gate}; echo after",
        gate = gate.display(),
        written = written.display(),
    );
    let id = run(&admin, &machine_id, &text).await;
    command_when(&admin, &id, "the first output", |command| command["stdout"] == "before\n").await;

    proxy.block(Blocked { to_agent: true, to_server: true });
    std::fs::write(&gate, "go\n").unwrap();
    machine(&admin, "offline").await;
    assert_eq!(tokio::fs::read_to_string(&written).await.unwrap(), "all\n");
    assert_eq!(admin.get(&format!("/commands/{id}")).await.ok()["stdout"], "before\n");
    proxy.block(Blocked::default());
    machine(&admin, "online").await;
    std::fs::write(&gate, "go\n").unwrap();

    let command = command_when(&admin, &id, "the result", |command| command["finished_at"].is_string()).await;
    assert_eq!((command["status"].as_str(), command["exit_code"].as_i64()), (Some("completed"), Some(0)));
    assert_eq!(command["stdout"], format!("before\n{}after\n", lines("line", SECONDS)));
    assert_eq!(command["stderr"], lines("error", SECONDS));
    assert_eq!(command["stdout_bytes"].as_u64(), Some(command["stdout"].as_str().unwrap().len() as u64));
}
