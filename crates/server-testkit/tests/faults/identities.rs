use gururmm_server_testkit::{ApiClient, wait_for};
use serde_json::{Value, json};

use crate::processes::{AgentHome, ServerHome, command_when, machine, run};

async fn key_with_approval(admin: &ApiClient) -> String {
    let site = admin.get("/sites").await.ok()["items"][0]["id"].clone();
    let key = json!({ "site_id": site, "name": "By appointment", "needs_approval": true });
    admin.post("/site-keys", key).await.created()["key"].as_str().unwrap().to_owned()
}

async fn until(admin: &ApiClient, id: &str, what: &str, mut is_it: impl FnMut(&Value) -> bool) -> Value {
    let path = format!("/agents/{id}");
    wait_for(what, async || Some(admin.get(&path).await.ok()).filter(|machine| is_it(machine))).await
}

async fn works(admin: &ApiClient, id: &str) {
    let command = run(admin, id, "echo works").await;
    let command = command_when(admin, &command, "the result", |command| command["finished_at"].is_string()).await;
    assert_eq!(command["stdout"], "works\n");
}

/// The whole life of an identity with the real programs: it waits, is let in, takes another key, is installed anew and goes on with its
/// record, is revoked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_is_let_in_gets_another_key_and_goes_on_after_it_was_installed_anew() {
    let home = ServerHome::new();
    let _server = home.start().await;
    let admin = home.administrator().await;
    let key = key_with_approval(&admin).await;
    let first = AgentHome::enrol_with_key(&home.origin(), &key);
    let running = first.run();
    let id = machine(&admin, "offline").await;
    // it asks again within seconds while somebody stands at it
    admin.post(&format!("/agents/{id}/approve"), json!({})).await.ok();
    until(&admin, &id, "the machine to be online", |machine| machine["status"] == "online").await;
    works(&admin, &id).await;

    let before = first.identity();
    admin.post(&format!("/agents/{id}/rotate-key"), json!({})).await.ok();
    until(&admin, &id, "the key to be taken", |machine| machine["key_changed_at"].is_string()).await;
    assert_ne!(first.identity()["agent_key"], before["agent_key"]);
    running.kill().unwrap();
    let running = first.run();
    until(&admin, &id, "the machine to be online", |machine| machine["status"] == "online").await;
    works(&admin, &id).await;

    // its disk is wiped
    running.kill().unwrap();
    drop(first);
    until(&admin, &id, "the machine to be offline", |machine| machine["status"] == "offline").await;
    let second = AgentHome::enrol_with_key(&home.origin(), &key);
    let newer = second.identity()["agent_id"].as_str().unwrap().to_owned();
    let _running = second.run();
    admin.post(&format!("/agents/{id}/adopt"), json!({ "agent_id": newer })).await.ok();
    until(&admin, &id, "the machine to be back", |machine| machine["status"] == "online").await;
    assert_eq!(second.identity()["agent_id"], id.as_str());
    works(&admin, &id).await;
    assert_eq!(admin.all("/agents", 50).await.len(), 1);

    admin.post(&format!("/agents/{id}/revoke-key"), json!({})).await.ok();
    until(&admin, &id, "the machine to be gone", |machine| machine["status"] == "offline").await;
    let said = wait_for("the agent to say why", async || {
        let status = second.status();
        status["last_error"].as_str().filter(|error| error.contains("revoked")).map(str::to_owned)
    });
    said.await;
}
