//! Grants on a client or a site: what is seen and done there, and what is not elsewhere.

use gururmm_protocol::record::Body;
use gururmm_server_testkit::{ApiClient, Link, TestServer, allow, deny, metrics};
use serde_json::{Value, json};

use crate::things::{COMMANDS, MACHINES, Things};

async fn two_clients(server: &TestServer) -> (ApiClient, Things, Things) {
    let admin = server.administrator().await;
    let ours = Things::make(server, &admin, "ours").await;
    let theirs = Things::make(server, &admin, "theirs").await;
    (admin, ours, theirs)
}

fn names(list: &Value) -> Vec<&str> {
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.get("hostname").or(item.get("name")).unwrap().as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_grant_on_a_client_shows_that_client_and_no_other() {
    let server = TestServer::start().await;
    let (_admin, ours, _theirs) = two_clients(&server).await;
    let technician = server.person(&[allow("technician").on_client(&ours.client)]).await;
    assert_eq!(names(&technician.get("/clients").await.ok()), ["ours"]);
    assert_eq!(names(&technician.get("/sites").await.ok()), ["ours"]);
    assert_eq!(names(&technician.get("/agents").await.ok()), ["copied", "cuckoo", "ours", "second"]);
    assert_eq!(technician.get("/agents/summary").await.ok()["total"], MACHINES);
    assert_eq!(technician.get("/agents?count=true").await.ok()["count"], MACHINES);
    assert_eq!(names(&technician.get("/site-keys").await.ok()), ["By appointment", "ours"]);
    assert_eq!(technician.get("/commands").await.ok()["items"].as_array().unwrap().len(), COMMANDS);
    // searches run with the eyes of the database's owner
    assert_eq!(technician.get("/agents?search=theirs&count=true").await.ok()["count"], 0);
    assert_eq!(technician.get("/commands?search=id").await.ok()["items"].as_array().unwrap().len(), COMMANDS);
    technician.post(&format!("/agents/{}/command", ours.agent.agent_id), json!({ "command": "id" })).await.accepted();
    technician.post("/clients", json!({ "name": "New" })).await.problem(403, "forbidden");
    let me = technician.get("/auth/me").await.ok();
    assert_eq!(me["grants"][0]["client_id"], ours.client["id"]);
    assert_eq!(me["grants"][0]["role_name"], "Technician");
    server.stop().await;
}

#[tokio::test]
async fn a_grant_on_a_site_shows_its_client_by_name_only() {
    let server = TestServer::start().await;
    let (admin, ours, _theirs) = two_clients(&server).await;
    let other = admin.post("/sites", json!({ "client_id": ours.client["id"], "name": "Warehouse" })).await.created();
    let technician = server.person(&[allow("administrator").on_site(&ours.site)]).await;
    assert_eq!(names(&technician.get("/clients").await.ok()), ["ours"]);
    assert_eq!(names(&technician.get("/sites").await.ok()), ["ours"]);
    let path = format!("/clients/{}", ours.client["id"].as_str().unwrap());
    assert_eq!(technician.get(&path).await.ok()["site_count"], 1, "what is not seen is not counted");
    technician.patch(&path, json!({ "name": "Mine" })).await.problem(403, "forbidden");
    let site = |id: &Value| format!("/sites/{}", id.as_str().unwrap());
    technician.get(&site(&other["id"])).await.problem(404, "site_not_found");
    technician.patch(&site(&ours.site["id"]), json!({ "name": "Renamed" })).await.ok();
    let new = json!({ "client_id": ours.client["id"], "name": "New" });
    technician.post("/sites", new).await.problem(403, "forbidden");
    server.stop().await;
}

#[tokio::test]
async fn nobody_moves_a_machine_to_where_they_may_not() {
    let server = TestServer::start().await;
    let (admin, ours, theirs) = two_clients(&server).await;
    let path = format!("/agents/{}", ours.agent.agent_id);
    let there = json!({ "site_id": theirs.site["id"] });
    let of_one = server.person(&[allow("technician").on_client(&ours.client)]).await;
    assert_eq!(of_one.patch(&path, there.clone()).await.status, 422, "there is no such site");
    let sees_both = server.person(&[allow("technician").on_client(&ours.client), allow("viewer")]).await;
    sees_both.patch(&path, there.clone()).await.problem(403, "forbidden");
    let may = [allow("technician").on_client(&ours.client), allow("technician").on_client(&theirs.client)];
    server.person(&may).await.patch(&path, there).await.ok();
    assert_eq!(admin.get(&path).await.ok()["site_id"], theirs.site["id"]);
    server.stop().await;
}

#[tokio::test]
async fn a_machine_that_moves_out_is_gone_at_once_and_so_is_its_history() {
    let server = TestServer::start().await;
    let (admin, ours, theirs) = two_clients(&server).await;
    let mut link = Link::connect(&ours.agent).await.unwrap();
    link.record(Body::Metrics(Box::new(metrics(1.0)))).await.unwrap();
    let technician = server.person(&[allow("technician").on_client(&ours.client)]).await;
    let mut events = technician.events("").await;
    let agent = format!("/agents/{}", ours.agent.agent_id);
    let command = format!("/commands/{}", ours.command);
    technician.get(&format!("{agent}/metrics")).await.ok();
    technician.get(&command).await.ok();
    admin.patch(&agent, json!({ "site_id": theirs.site["id"] })).await.ok();
    for path in
        [&agent, &format!("{agent}/metrics"), &format!("{agent}/history"), &format!("{agent}/network"), &command]
    {
        assert_eq!(technician.get(path).await.status, 404, "{path}");
    }
    // its leaving is told, what it does afterwards is not
    events.wait_for("agent_changed", |event| event["agent_id"] == ours.agent.agent_id.to_string()).await;
    link.record(Body::Metrics(Box::new(metrics(2.0)))).await.unwrap();
    admin.patch(&format!("/clients/{}", ours.client["id"].as_str().unwrap()), json!({ "name": "Done" })).await.ok();
    loop {
        let (name, data) = events.next().await.unwrap();
        assert!(!data.to_string().contains(&ours.agent.agent_id.to_string()), "{name} {data}");
        if name == "tree_changed" && admin.get("/clients?search=Done").await.ok()["items"][0]["name"] == "Done" {
            break;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn events_are_told_to_those_who_may_see_what_they_are_about() {
    let server = TestServer::start().await;
    let (admin, ours, theirs) = two_clients(&server).await;
    let technician = server.person(&[allow("technician").on_client(&ours.client)]).await;
    let viewer = server.person(&[allow("viewer")]).await;
    let (mut of_client, mut of_viewer) = (technician.events("").await, viewer.events("").await);
    let run = async |things: &Things| {
        let path = format!("/agents/{}/command", things.agent.agent_id);
        admin.post(&path, json!({ "command": "id" })).await.accepted()["id"].as_str().unwrap().to_owned()
    };
    let (theirs_id, ours_id) = (run(&theirs).await, run(&ours).await);
    let first = of_client.wait_for("command_changed", |_| true).await;
    assert_eq!(first["command_id"], ours_id.as_str(), "{theirs_id} is another client's");
    admin.post("/clients", json!({ "name": "New" })).await.created();
    let (name, _) = of_viewer.next().await.unwrap();
    assert_eq!(name, "tree_changed", "a viewer hears of no command");
    let watching =
        technician.request(reqwest::Method::GET, &format!("/api/events?watch_agent={}", theirs.agent.agent_id));
    assert_eq!(watching.send().await.unwrap().status(), 200, "as if it never wrote anything");
    viewer.get(&format!("/events?watch_agent={}", ours.agent.agent_id)).await.problem(403, "forbidden");
    server.stop().await;
}

#[tokio::test]
async fn a_denied_site_is_missing_in_a_client_that_is_seen() {
    let server = TestServer::start().await;
    let (admin, ours, _theirs) = two_clients(&server).await;
    admin.post("/sites", json!({ "client_id": ours.client["id"], "name": "Warehouse" })).await.created();
    let technician = server.person(&[allow("technician"), deny("technician").on_site(&ours.site)]).await;
    let sites = technician.get("/sites?search=ours").await.ok();
    assert_eq!(names(&sites), ["ours"], "a technician's role names no right to see sites: they stay");
    assert_eq!(technician.get("/agents?count=true").await.ok()["count"], MACHINES, "those of the other client");
    technician.get(&format!("/agents/{}", ours.agent.agent_id)).await.problem(404, "agent_not_found");
    let blind = server.person(&[allow("administrator"), deny("administrator").on_client(&ours.client)]).await;
    assert!(!names(&blind.get("/clients").await.ok()).contains(&"ours"));
    assert!(!blind.get("/audit-events").await.ok().to_string().contains(&ours.agent.agent_id.to_string()));
    server.stop().await;
}

/// Moving a machine to where one may do more would be a way around what is not allowed here.
#[tokio::test]
async fn a_move_is_no_way_around_a_deny() {
    let server = TestServer::start().await;
    let (admin, ours, theirs) = two_clients(&server).await;
    let technician = server.person(&[allow("technician"), deny("commands.run").on_client(&ours.client)]).await;
    let path = format!("/agents/{}", ours.agent.agent_id);
    let run = format!("{path}/command");
    technician.post(&run, json!({ "command": "id" })).await.problem(403, "forbidden");
    let there = json!({ "site_id": theirs.site["id"] });
    technician.patch(&path, there.clone()).await.problem(403, "not_yours_to_give");
    technician.patch(&path, json!({ "display_name": "Renamed" })).await.ok();
    let (foreign, back) = (format!("/agents/{}", theirs.agent.agent_id), json!({ "site_id": ours.site["id"] }));
    technician.patch(&foreign, back).await.ok();
    admin.patch(&path, there).await.ok();
    technician.post(&run, json!({ "command": "id" })).await.accepted();
    server.stop().await;
}
