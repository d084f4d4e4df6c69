use gururmm_protocol::message::GoodbyeCode;
use gururmm_protocol::record::Body;
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, metrics, wait_for};
use serde_json::{Value, json};
use sqlx::Connection as _;

fn path(agent: &SimulatedAgent) -> String {
    format!("/agents/{}", agent.agent_id)
}

async fn new_site(admin: &ApiClient, client: &str, site: &str) -> Value {
    let client = admin.post("/clients", json!({ "name": client })).await.created();
    admin.post("/sites", json!({ "client_id": client["id"], "name": site })).await.created()
}

async fn actions(admin: &ApiClient, agent: &SimulatedAgent) -> Vec<String> {
    let events = admin.all(&format!("/audit-events?target_id={}", agent.agent_id), 50).await;
    events.iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_agent_shows_its_facts_and_nothing_secret() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let new = admin.get(&path(&agent)).await.ok();
    assert_eq!((new["hostname"].as_str(), new["status"].as_str()), (Some("web-1"), Some("offline")));
    for absent in ["display_name", "last_seen_at", "cpu_percent", "memory_percent", "disk_percent", "metrics_at"] {
        assert!(new[absent].is_null(), "{absent} of {new}");
    }
    assert_eq!((new["os"].as_str(), new["arch"].as_str()), (Some("linux"), Some("x86_64")));
    assert_eq!((new["public_ip"].as_str(), new["uptime_seconds"].as_i64()), (None, None));
    assert_eq!(new["capabilities"][1]["supported"], false);
    assert!(new["capabilities"][1]["reason"].is_string());

    let mut link = Link::connect(&agent).await.unwrap();
    let last = link.record(Body::Metrics(Box::new(metrics(12.5)))).await.unwrap();
    link.acknowledged(last).await.unwrap();
    let online = admin.get(&path(&agent)).await.ok();
    assert_eq!((online["status"].as_str(), online["cpu_percent"].as_f64()), (Some("online"), Some(12.5)));
    assert!(online["last_seen_at"].is_string() && online["metrics_at"].is_string());
    assert_eq!(admin.get("/agents").await.ok()["items"], json!([online]), "the list tells the same");
    for secret in ["key_hash", "public_key", "device_id", "org_id"] {
        assert!(online.get(secret).is_none(), "{secret}");
    }
    admin.get("/agents/01900000-0000-7000-8000-000000000000").await.problem(404, "agent_not_found");
    admin.get("/agents/web-1").await.problem(404, "not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_name_is_given_kept_and_cleared() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut events = admin.events("").await;
    let named = admin.patch(&path(&agent), json!({ "display_name": "  Till 3 " })).await.ok();
    assert_eq!((named["display_name"].as_str(), named["hostname"].as_str()), (Some("Till 3"), Some("web-1")));
    let heard = events.wait_for("agent_changed", |_| true).await;
    assert_eq!(heard["agent_id"], named["id"]);
    assert_eq!(admin.patch(&path(&agent), json!({})).await.ok()["display_name"], "Till 3", "absent leaves it");

    for wrong in ["", "  ", "a\u{0}b", "line\nbreak", "x".repeat(201).as_str()] {
        let problem =
            admin.patch(&path(&agent), json!({ "display_name": wrong })).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "display_name", "{wrong:?}");
    }
    admin.patch(&path(&agent), json!({ "display_name": 7 })).await.problem(400, "invalid_request");
    assert_eq!(admin.get(&path(&agent)).await.ok()["display_name"], "Till 3");

    let cleared = admin.patch(&path(&agent), json!({ "display_name": null })).await.ok();
    assert!(cleared["display_name"].is_null());
    assert_eq!(cleared["site_id"], named["site_id"]);
    let before = admin.all(&format!("/audit-events?target_id={}", agent.agent_id), 50).await[0].clone();
    assert_eq!((before["action"].as_str(), before["target_name"].as_str()), (Some("agent.updated"), Some("web-1")));
    assert_eq!(before["detail"]["before"]["display_name"], "Till 3");
    assert!(before["detail"]["after"]["display_name"].is_null());
    let nobody = "/agents/01900000-0000-7000-8000-000000000000";
    admin.patch(nobody, json!({ "display_name": "x" })).await.problem(404, "agent_not_found");
    server.stop().await;
}

#[tokio::test]
async fn an_agent_moves_between_sites_and_clients_and_its_history_follows() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let first = admin.get(&path(&agent)).await.ok();
    let other = new_site(&admin, "Example", "Warehouse").await;
    let branch = json!({ "client_id": other["client_id"], "name": "Branch" });
    let branch = admin.post("/sites", branch).await.created();
    let command = admin.post(&format!("{}/command", path(&agent)), json!({ "command": "id" })).await.accepted();

    let mut events = admin.events("").await;
    let moved = admin.patch(&path(&agent), json!({ "site_id": other["id"] })).await.ok();
    assert_eq!((&moved["client_id"], &moved["site_id"]), (&other["client_id"], &other["id"]));
    assert_eq!((moved["client_name"].as_str(), moved["site_name"].as_str()), (Some("Example"), Some("Warehouse")));
    events.wait_for("agent_changed", |_| true).await;
    events.wait_for("tree_changed", |_| true).await;
    let moved = admin.patch(&path(&agent), json!({ "site_id": branch["id"], "display_name": "Till" })).await.ok();
    assert_eq!((moved["site_name"].as_str(), moved["display_name"].as_str()), (Some("Branch"), Some("Till")));

    let count = async |site: &Value| {
        let site = admin.get(&format!("/sites/{}", site.as_str().unwrap())).await.ok();
        site["agent_count"].as_i64().unwrap()
    };
    assert_eq!((count(&first["site_id"]).await, count(&other["id"]).await, count(&branch["id"]).await), (0, 0, 1));
    let of_client = format!("/commands?client_id={}", other["client_id"].as_str().unwrap());
    assert_eq!(admin.get(&of_client).await.ok()["items"][0]["id"], command["id"]);

    for wrong in ["01900000-0000-7000-8000-000000000000", other["client_id"].as_str().unwrap()] {
        let problem = admin.patch(&path(&agent), json!({ "site_id": wrong, "display_name": "Lost" })).await;
        let problem = problem.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "site_id");
    }
    let stayed = admin.get(&path(&agent)).await.ok();
    assert_eq!((stayed["site_name"].as_str(), stayed["display_name"].as_str()), (Some("Branch"), Some("Till")));
    assert_eq!(actions(&admin, &agent).await, ["agent.updated", "agent.updated", "agent.enrolled"]);
    let link = Link::connect(&agent).await;
    assert!(link.is_ok(), "a moved machine is still itself");
    server.stop().await;
}

#[tokio::test]
async fn a_removed_agent_hears_of_it_and_cannot_return() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (agent, other) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    let command = admin.post(&format!("{}/command", path(&agent)), json!({ "command": "id" })).await.accepted();
    let mut link = Link::connect(&agent).await.unwrap();
    let mut events = admin.events("").await;
    admin.delete(&path(&agent)).await.no_content();
    assert_eq!(link.goodbye().await.unwrap().code, GoodbyeCode::Removed, "the machine learns why");
    events.wait_for("agent_changed", |event| event["agent_id"] == json!(agent.agent_id)).await;
    events.wait_for("tree_changed", |_| true).await;

    admin.get(&path(&agent)).await.problem(404, "agent_not_found");
    admin.delete(&path(&agent)).await.problem(404, "agent_not_found");
    for below in ["metrics", "processes"] {
        admin.get(&format!("{}/{below}", path(&agent))).await.problem(404, "agent_not_found");
    }
    admin.get(&format!("/commands/{}", command["id"].as_str().unwrap())).await.problem(404, "command_not_found");
    assert!(Link::connect(&agent).await.is_err());
    assert_eq!(actions(&admin, &agent).await[0], "agent.deleted", "the audit log stays");
    let left = admin.get("/agents?count=true").await.ok();
    assert_eq!(
        (left["count"].as_i64(), left["items"][0]["id"].as_str()),
        (Some(1), Some(&*other.agent_id.to_string()))
    );
    server.stop().await;
}

#[tokio::test]
async fn an_agent_that_somebody_else_removes_at_the_same_time_is_not_found() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut tx = owner.begin().await.unwrap();
    sqlx::query("delete from agents").execute(&mut *tx).await.unwrap();
    let path = path(&agent);
    let (answer, ()) = tokio::join!(admin.delete(&path), async {
        server.db.wait_for_blocked().await;
        tx.commit().await.unwrap();
    });
    answer.problem(404, "agent_not_found");
    assert_eq!(actions(&admin, &agent).await, ["agent.enrolled"], "it was not this request");
    server.stop().await;
}

#[tokio::test]
async fn the_summary_counts_everything_a_client_or_a_site() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let empty = json!({ "total": 0, "online": 0, "offline": 0, "waiting": 0, "quarantined": 0, "by_os": { "linux": 0, "windows": 0, "macos": 0 } });
    assert_eq!(admin.get("/agents/summary").await.ok(), empty);
    let other = new_site(&admin, "Example", "Warehouse").await;
    let mut agents = Vec::new();
    for (hostname, os) in [("a", "linux"), ("b", "windows"), ("c", "windows"), ("d", "macos")] {
        let agent = server.enrol(&admin, hostname).await;
        let mut owner = server.db.connect("gururmm_owner").await;
        let set_os = "update agents set os = $2 where hostname = $1";
        sqlx::query(set_os).bind(hostname).bind(os).execute(&mut owner).await.unwrap();
        agents.push(agent);
    }
    admin.patch(&path(&agents[1]), json!({ "site_id": other["id"] })).await.ok();
    admin.patch(&path(&agents[3]), json!({ "site_id": other["id"] })).await.ok();
    let by_os = |linux: i64, windows: i64, macos: i64| json!({ "linux": linux, "windows": windows, "macos": macos });
    let all = json!({ "total": 4, "online": 0, "offline": 4, "waiting": 0, "quarantined": 0, "by_os": by_os(1, 2, 1) });
    assert_eq!(admin.get("/agents/summary").await.ok(), all);

    // it is Linux again, as its machine says itself when it connects
    let link = Link::connect(&agents[3]).await.unwrap();
    let there =
        json!({ "total": 2, "online": 1, "offline": 1, "waiting": 0, "quarantined": 0, "by_os": by_os(1, 1, 0) });
    for filter in ["client_id", "site_id"] {
        let id = if filter == "site_id" { &other["id"] } else { &other["client_id"] };
        let path = format!("/agents/summary?{filter}={}", id.as_str().unwrap());
        wait_for("the summary to count the machine", async || (admin.get(&path).await.ok() == there).then_some(()))
            .await;
    }
    drop(link);
    let nobody = "01900000-0000-7000-8000-000000000000";
    assert_eq!(admin.get(&format!("/agents/summary?client_id={nobody}")).await.ok(), empty);
    for query in ["client_id=x", "site_id=", "status=online"] {
        admin.get(&format!("/agents/summary?{query}")).await.problem(400, "invalid_request");
    }
    server.stop().await;
}
