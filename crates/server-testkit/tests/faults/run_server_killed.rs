use std::fs;

use gururmm_server_testkit::wait_for;
use serde_json::json;

use crate::processes::{AgentHome, ServerHome};

/// One after the other; the server dies while the first works, and what it has left to do is done once by whoever comes after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_on_after_the_server_was_killed_in_its_middle_and_nobody_runs_twice() {
    let home = ServerHome::new();
    let server = home.start().await;
    let admin = home.administrator().await;
    let mut running = Vec::new();
    for _ in 0..3 {
        let site = admin.get("/sites").await.ok()["items"][0]["id"].clone();
        let key = admin.post("/site-keys", json!({ "site_id": site, "name": "Roll-out" })).await.created();
        let agent = AgentHome::enrol_with_key(&home.origin(), key["key"].as_str().unwrap());
        running.push((agent.run(), agent));
    }
    wait_for("three machines", async || {
        let online = admin.get("/agents?status=online").await.ok();
        (online["items"].as_array()?.len() == 3).then_some(())
    })
    .await;
    let (gate, told) = (home.folder().join("gate"), home.folder().join("told"));
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap();
    let text = format!(
        "echo run >> {told}; if mkdir {told}.first; then cat {gate}; fi",
        told = told.display(),
        gate = gate.display()
    );
    let body = json!({ "targets": { "filter": {} }, "what": { "command": text }, "pace": { "mode": "ordered" } });
    let run = admin.post("/command-runs", body).await.accepted();
    wait_for("the first works", async || fs::exists(format!("{}.first", told.display())).ok()?.then_some(())).await;

    server.kill().unwrap();
    fs::write(&gate, "meanwhile\n").unwrap();
    let _server = home.start().await;
    let path = format!("/command-runs/{}", run["id"].as_str().unwrap());
    let end = wait_for("the run is finished", async || {
        let run = admin.get(&path).await.ok();
        (run["status"] == "finished").then_some(run)
    })
    .await;
    assert_eq!(end["counts"]["completed"], 3, "{end}");
    assert_eq!(fs::read_to_string(&told).unwrap(), "run\n".repeat(3));
}
