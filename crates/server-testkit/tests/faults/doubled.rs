use gururmm_server_testkit::Proxy;

use crate::processes::{AgentHome, ServerHome, command_when, machine, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_twice_runs_once_and_is_stored_once() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let proxy = Proxy::start_doubling(home.port()).await.unwrap();
    let agent = AgentHome::enrol(&home, &proxy.origin()).await;
    let mut events = admin.events("").await;
    let _running = agent.run();
    events.wait_for("agent_status", |event| event["status"] == "online").await;
    let machine_id = machine(&admin, "online").await;
    let runs = home.folder().join("runs");
    for number in 1..=5 {
        let text = format!("echo {number} >> {}; echo out {number}; echo err >&2; exit {number}", runs.display());
        let id = run(&admin, &machine_id, &text).await;
        let command = command_when(&admin, &id, "the end", |command| command["finished_at"].is_string()).await;
        assert_eq!((command["status"].as_str(), command["exit_code"].as_i64()), (Some("failed"), Some(number)));
        assert_eq!(command["stdout"], format!("out {number}\n"));
        assert_eq!((command["stdout_bytes"].as_i64(), command["stderr_bytes"].as_i64()), (Some(6), Some(4)));
    }
    assert_eq!(std::fs::read_to_string(&runs).unwrap(), "1\n2\n3\n4\n5\n");
    // and a cancel that comes twice is one
    let id = run(&admin, &machine_id, "echo begun; exec sleep 1000").await;
    command_when(&admin, &id, "the first output", |command| command["stdout"] == "begun\n").await;
    admin.post(&format!("/commands/{id}/cancel"), serde_json::json!({})).await;
    let command = command_when(&admin, &id, "the end", |command| command["finished_at"].is_string()).await;
    assert_eq!(command["status"], "cancelled");
    loop {
        let (name, event) = events.next().await.unwrap();
        assert_ne!(name, "agent_status", "a repeat was taken for a fault: {event}");
        if event["command_id"] == id && event["status"] == "cancelled" {
            break;
        }
    }
    let (to_server, to_agent) = proxy.doubled();
    // a beginning, two pieces of output and an end of each, and an order; the acknowledgements beside
    assert!(to_server >= 22 && to_agent >= 7, "{to_server} {to_agent}");
}
