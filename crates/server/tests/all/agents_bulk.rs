//! Several machines at once: each where it may be done, with its own row in the audit log.

use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, allow};
use serde_json::{Value, json};

use crate::things::{MACHINES, Things};

async fn bulk(who: &ApiClient, ids: &[&SimulatedAgent], action: Value) -> gururmm_server_testkit::Answer {
    let ids: Vec<_> = ids.iter().map(|agent| agent.agent_id).collect();
    who.post("/agents/bulk", json!({ "ids": ids, "action": action })).await
}

fn tags(names: &[&str]) -> Value {
    json!({ "kind": "add_tags", "tags": names })
}

async fn get(who: &ApiClient, agent: &SimulatedAgent) -> Value {
    who.get(&format!("/agents/{}", agent.agent_id)).await.ok()
}

#[tokio::test]
async fn tags_and_fields_of_several_machines_change_with_a_row_for_each() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (one, two) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    admin.patch(&format!("/agents/{}", one.agent_id), json!({ "tags": ["Web"] })).await.ok();
    let mut events = admin.events("").await;
    let done = bulk(&admin, &[&one, &two, &one], tags(&["web", "New"])).await.ok();
    assert_eq!((done["done"].as_array().unwrap().len(), &done["refused"]), (2, &json!([])));
    assert_eq!(get(&admin, &one).await["tags"], json!(["New", "Web"]));
    assert_eq!(get(&admin, &two).await["tags"], json!(["New", "web"]));
    for agent in [&one, &two] {
        let id = agent.agent_id.to_string();
        events.wait_for("agent_changed", |event| event["agent_id"] == id).await;
    }
    assert_eq!(admin.all("/audit-events?action=agent.updated", 50).await.len(), 3);
    bulk(&admin, &[&one, &two], tags(&["new"])).await.ok();
    assert_eq!(admin.all("/audit-events?action=agent.updated", 50).await.len(), 3, "nothing has changed");
    bulk(&admin, &[&one, &two], json!({ "kind": "remove_tags", "tags": ["WEB", "other"] })).await.ok();
    assert_eq!(get(&admin, &two).await["tags"], json!(["New"]));

    let field = admin.post("/custom-fields", json!({ "name": "Rack", "kind": "number" })).await.created();
    let id = field["id"].as_str().unwrap();
    bulk(&admin, &[&one, &two], json!({ "kind": "set_fields", "custom_fields": { id: "4.0" } })).await.ok();
    assert_eq!(get(&admin, &two).await["custom_fields"][id], "4");
    bulk(&admin, &[&one], json!({ "kind": "set_fields", "custom_fields": { id: null } })).await.ok();
    assert_eq!(admin.get("/custom-fields").await.ok()["items"][0]["agent_count"], 1);
    let wrong = json!({ "kind": "set_fields", "custom_fields": { id: "much" } });
    bulk(&admin, &[&one, &two], wrong).await.problem(422, "validation_failed");
    server.stop().await;
}

#[tokio::test]
async fn machines_are_moved_and_removed_together() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let ours = Things::make(&server, &admin, "ours").await;
    let theirs = Things::make(&server, &admin, "theirs").await;
    bulk(&admin, &[&ours.agent], tags(&["kept"])).await.ok();
    let there = json!({ "kind": "move", "site_id": theirs.site["id"] });
    let moved = bulk(&admin, &[&ours.agent, &theirs.agent], there).await.ok();
    assert_eq!(moved["done"].as_array().unwrap().len(), 2, "one was there already");
    assert_eq!(get(&admin, &ours.agent).await["site_id"], theirs.site["id"]);
    assert_eq!(get(&admin, &ours.agent).await["tags"], json!(["kept"]));
    let told = admin.all("/audit-events?action=agent.updated", 50).await;
    assert_eq!(told.len(), 2);
    assert!(told[0]["summary"].as_str().unwrap().contains("client name ours → theirs"), "{}", told[0]["summary"]);

    let mut link = Link::connect(&ours.agent).await.unwrap();
    let gone = bulk(&admin, &[&ours.agent, &theirs.agent], json!({ "kind": "delete" })).await.ok();
    assert_eq!(gone["done"].as_array().unwrap().len(), 2);
    while link.order().await.is_ok() {}
    assert_eq!(admin.get("/agents?count=true").await.ok()["count"], 2 * (MACHINES - 1));
    assert_eq!(admin.all("/audit-events?action=agent.deleted", 50).await.len(), 2);
    bulk(&admin, &[&ours.agent], json!({ "kind": "delete" })).await.problem(404, "agent_not_found");
    server.stop().await;
}

#[tokio::test]
async fn each_machine_is_changed_only_by_who_may_there() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let ours = Things::make(&server, &admin, "ours").await;
    let theirs = Things::make(&server, &admin, "theirs").await;
    let unknown = "01900000-0000-7000-8000-000000000000";
    let of_one = server.person(&[allow("technician").on_client(&ours.client)]).await;
    let ids = json!([ours.agent.agent_id, theirs.agent.agent_id, unknown]);
    let add = |ids: &Value| json!({ "ids": ids, "action": tags(&["mine"]) });
    let outcome = of_one.post("/agents/bulk", add(&ids)).await.ok();
    assert_eq!(outcome["done"], json!([ours.agent.agent_id]));
    let refused = outcome["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 2);
    assert!(refused.iter().all(|refusal| refusal["code"] == "agent_not_found"), "{refused:?}");
    assert_eq!(get(&admin, &theirs.agent).await["tags"], json!([]));

    let sees_both = server.person(&[allow("technician").on_client(&ours.client), allow("viewer")]).await;
    let outcome = sees_both.post("/agents/bulk", add(&ids)).await.ok();
    assert!(outcome["refused"].as_array().unwrap().iter().any(|refusal| refusal["code"] == "forbidden"));
    let there = json!({ "kind": "move", "site_id": theirs.site["id"] });
    bulk(&sees_both, &[&ours.agent], there.clone()).await.problem(403, "forbidden");
    bulk(&of_one, &[&ours.agent], there.clone()).await.problem(422, "validation_failed");
    let more_there =
        [allow("agents.edit").on_client(&ours.client), allow("agents.edit agents.delete").on_client(&theirs.client)];
    let mover = server.person(&more_there).await;
    let outcome = bulk(&mover, &[&ours.agent], there).await.ok();
    assert_eq!(outcome["refused"][0]["code"], "not_yours_to_give", "a move is no way around what one may not do here");
    let outcome = bulk(&mover, &[&ours.agent, &theirs.agent], json!({ "kind": "delete" })).await.ok();
    assert_eq!(
        (&outcome["done"], &outcome["refused"][0]["code"]),
        (&json!([theirs.agent.agent_id]), &json!("forbidden"))
    );
    get(&admin, &ours.agent).await;
    let viewer = server.person(&[allow("viewer")]).await;
    viewer.post("/agents/bulk", add(&ids)).await.problem(403, "forbidden");
    bulk(&viewer, &[&ours.agent], json!({ "kind": "delete" })).await.problem(403, "forbidden");
    let deletes = server.person(&[allow("agents.delete")]).await;
    bulk(&deletes, &[&ours.agent], tags(&["mine"])).await.problem(403, "forbidden");
    let foreign = server.client_of(&server.stranger().await);
    bulk(&foreign, &[&ours.agent], tags(&["theirs"])).await.problem(404, "agent_not_found");
    bulk(&deletes, &[&ours.agent], json!({ "kind": "delete" })).await.ok();
    server.stop().await;
}

#[tokio::test]
async fn a_machine_with_all_the_tags_it_may_have_is_left_and_the_others_are_not() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (full, other) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let all: Vec<String> = (0..20).map(|number| format!("tag-{number}")).collect();
    admin.patch(&format!("/agents/{}", full.agent_id), json!({ "tags": all })).await.ok();
    let outcome = bulk(&admin, &[&full, &other], tags(&["more"])).await.ok();
    assert_eq!(outcome["done"], json!([other.agent_id]));
    assert_eq!(outcome["refused"][0]["code"], "tag_limit_reached");
    server.stop().await;
}

#[tokio::test]
async fn what_is_asked_of_several_is_bounded() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let many: Vec<_> = (0..501).map(|_| gururmm_ids::AgentId::generate()).collect();
    for (ids, action) in [
        (json!([]), tags(&["x"])),
        (json!(many), tags(&["x"])),
        (json!([agent.agent_id]), tags(&[])),
        (json!([agent.agent_id]), tags(&["a,b"])),
        (json!([agent.agent_id]), json!({ "kind": "set_fields", "custom_fields": {} })),
        (json!([agent.agent_id]), json!({ "kind": "move", "site_id": agent.agent_id })),
    ] {
        admin.post("/agents/bulk", json!({ "ids": ids, "action": action })).await.problem(422, "validation_failed");
    }
    for action in [json!({ "kind": "reboot" }), json!({}), json!({ "kind": "delete", "force": true }), json!("delete")]
    {
        let body = json!({ "ids": [agent.agent_id], "action": action });
        admin.post("/agents/bulk", body).await.problem(400, "invalid_request");
    }
    server.stop().await;
}

#[tokio::test]
async fn two_who_change_the_same_machines_at_once_both_succeed() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut agents = Vec::new();
    for number in 0..8 {
        agents.push(server.enrol(&admin, &format!("web-{number}")).await);
    }
    let forward: Vec<&SimulatedAgent> = agents.iter().collect();
    let backward: Vec<&SimulatedAgent> = agents.iter().rev().collect();
    for round in 0..5 {
        let (left, right) = (format!("left-{round}"), format!("right-{round}"));
        let (one, other) =
            tokio::join!(bulk(&admin, &forward, tags(&[&left])), bulk(&admin, &backward, tags(&[&right])));
        assert_eq!(one.ok()["done"].as_array().unwrap().len(), 8);
        assert_eq!(other.ok()["done"].as_array().unwrap().len(), 8);
    }
    assert_eq!(get(&admin, &agents[0]).await["tags"].as_array().unwrap().len(), 10);
    server.stop().await;
}
