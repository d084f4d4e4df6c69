use std::time::{Duration, Instant};

use gururmm_server_testkit::{Proxy, Slow};
use serde_json::json;

use crate::processes::{AgentHome, ServerHome, command_when, machine, run};

/// A quarter of a second there and as much back, and half a megabit: a line that a branch office may have.
const LINE: Slow = Slow { delay: Duration::from_millis(250), bytes_per_second: 64 * 1024 };
/// What is written, and what of it travels when it is compressed: ten seconds of that line, in a test with a heartbeat each second.
const RANDOM_BYTES: usize = 700 * 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_line_that_is_full_is_no_silence_and_everything_gets_through() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let proxy = Proxy::start(home.port()).await.unwrap();
    let agent = AgentHome::enrol(&home, &proxy.origin()).await;
    proxy.slow_down(Some(LINE));
    let mut events = admin.events("").await;
    let _running = agent.run();
    events.wait_for("agent_status", |event| event["status"] == "online").await;
    let machine_id = machine(&admin, "online").await;

    let written = home.folder().join("written");
    let text = format!("head -c {RANDOM_BYTES} /dev/urandom | base64 -w 0 | tee {}", written.display());
    let asked = Instant::now();
    let id = run(&admin, &machine_id, &text).await;
    let endless = run(&admin, &machine_id, "echo begun; exec sleep 1000").await;
    command_when(&admin, &endless, "the other command to begin", |command| command["stdout"] == "begun\n").await;
    admin.post(&format!("/commands/{endless}/cancel"), json!({})).await;
    command_when(&admin, &endless, "its end", |command| command["status"] == "cancelled").await;
    let command = command_when(&admin, &id, "the end", |command| command["finished_at"].is_string()).await;
    assert!(asked.elapsed() > Duration::from_secs(8), "the line was not slow");
    assert_eq!(command["status"], "completed");
    assert_eq!(command["stdout"], std::fs::read_to_string(&written).unwrap());
    loop {
        let (name, event) = events.next().await.unwrap();
        assert_ne!(name, "agent_status", "the session was given up: {event}");
        if event["command_id"] == id && event["status"] == "completed" {
            break;
        }
    }
}
