use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, wait_for};
use serde_json::{Value, json};
use sqlx::Connection as _;

async fn client(admin: &ApiClient, name: &str) -> Value {
    admin.post("/clients", json!({ "name": name })).await.created()
}

async fn site(admin: &ApiClient, client: &Value, name: &str) -> Value {
    admin.post("/sites", json!({ "client_id": client["id"], "name": name })).await.created()
}

fn path(site: &Value) -> String {
    format!("/sites/{}", site["id"].as_str().unwrap())
}

fn names(sites: &[Value]) -> Vec<&str> {
    sites.iter().map(|site| site["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_site_is_created_renamed_and_deleted() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let example = client(&admin, "Example").await;
    let mut events = admin.events("").await;
    let office = site(&admin, &example, "  Main office ").await;
    events.wait_for("tree_changed", |_| true).await;
    assert_eq!((office["name"].as_str(), office["client_name"].as_str()), (Some("Main office"), Some("Example")));
    assert_eq!((office["agent_count"].as_i64(), office["online_count"].as_i64()), (Some(0), Some(0)));
    assert_eq!(admin.get(&path(&office)).await.ok(), office);
    assert_eq!(admin.get(&format!("/clients/{}", example["id"].as_str().unwrap())).await.ok()["site_count"], 1);

    let renamed = admin.patch(&path(&office), json!({ "name": "main OFFICE" })).await.ok();
    assert_eq!(renamed["name"], "main OFFICE", "its own name in other letters is free");
    assert_eq!(admin.patch(&path(&office), json!({})).await.ok()["name"], "main OFFICE");
    events.wait_for("tree_changed", |_| true).await;

    admin.delete(&path(&office)).await.no_content();
    admin.get(&path(&office)).await.problem(404, "site_not_found");
    admin.patch(&path(&office), json!({ "name": "x" })).await.problem(404, "site_not_found");
    admin.delete(&path(&office)).await.problem(404, "site_not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_name_is_taken_within_its_client_only() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (one, two) = (client(&admin, "One").await, client(&admin, "Two").await);
    site(&admin, &one, "Office").await;
    let other = site(&admin, &one, "Warehouse").await;
    site(&admin, &two, "Office").await;
    let body = json!({ "client_id": one["id"], "name": "OFFICE" });
    admin.post("/sites", body).await.problem(409, "name_taken");
    admin.patch(&path(&other), json!({ "name": "office" })).await.problem(409, "name_taken");
    assert_eq!(admin.get(&path(&other)).await.ok()["name"], "Warehouse");
    server.stop().await;
}

#[tokio::test]
async fn wrong_input_names_the_field() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let example = client(&admin, "Example").await;
    let nobody = "01900000-0000-7000-8000-000000000000";
    let long = "x".repeat(201);
    for (client_id, name, field) in [
        (&json!(nobody), "Office", "client_id"),
        (&example["id"], " ", "name"),
        (&example["id"], "a\u{0}b", "name"),
        (&example["id"], long.as_str(), "name"),
    ] {
        let body = json!({ "client_id": client_id, "name": name });
        let problem = admin.post("/sites", body).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let office = site(&admin, &example, "Office").await;
    let problem = admin.patch(&path(&office), json!({ "name": "" })).await.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["field"], "name");
    admin.post("/sites", json!({ "name": "Office" })).await.problem(400, "invalid_request");
    admin.post("/sites", json!({ "client_id": "x", "name": "Office" })).await.problem(400, "invalid_request");
    for query in ["client_id=x", "limit=201", "limit=-1", "after=x", "sort=name", "client_id="] {
        assert_eq!(admin.get(&format!("/sites?{query}")).await.status, 400, "{query}");
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_hold_every_site_once_and_in_order() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (one, two) = (client(&admin, "One").await, client(&admin, "Two").await);
    // the small last letter of the first Greek one is another one to the database than to other programs
    for name in ["beta", "Alpha", "ΟΔΟΣ", "ΩΜΕΓΑ", "delta", "Gamma"] {
        site(&admin, &one, name).await;
    }
    for name in ["alpha", "ALPHABET"] {
        site(&admin, &two, name).await;
    }
    let of_one = format!("/sites?client_id={}", one["id"].as_str().unwrap());
    assert_eq!(names(&admin.all(&of_one, 1).await), ["Alpha", "beta", "delta", "Gamma", "ΟΔΟΣ", "ΩΜΕΓΑ"]);
    let found = admin.all("/sites?search=%20aLpHa", 1).await;
    assert_eq!(names(&found), ["Alpha", "alpha", "ALPHABET"], "the same name: in order of age");
    let found = admin.all(&format!("{of_one}&search=alpha"), 1).await;
    assert_eq!(names(&found), ["Alpha"]);
    assert!(admin.all("/sites?search=%25", 1).await.is_empty(), "a per cent sign is only a per cent sign");
    assert_eq!(admin.all("/sites?search=", 3).await.len(), 9, "with the site of the first start");
    server.stop().await;
}

#[tokio::test]
async fn a_site_with_agents_stays_and_without_takes_its_keys_along() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let example = client(&admin, "Example").await;
    let office = site(&admin, &example, "Office").await;
    let key = admin.post("/site-keys", json!({ "site_id": office["id"], "name": "office" })).await.created();
    let agent = SimulatedAgent::enrol(&server.origin, key["key"].as_str().unwrap(), "web").await.unwrap();
    let link = Link::connect(&agent).await.unwrap();
    wait_for("the site to count its machine", async || {
        let shown = admin.get(&path(&office)).await.ok();
        (shown["agent_count"] == 1 && shown["online_count"] == 1).then_some(())
    })
    .await;
    admin.delete(&path(&office)).await.problem(409, "site_not_empty");

    drop(link);
    admin.delete(&format!("/agents/{}", agent.agent_id)).await.no_content();
    admin.delete(&path(&office)).await.no_content();
    let keys = admin.all("/site-keys", 50).await;
    assert!(keys.iter().all(|shown| shown["id"] != key["site_key"]["id"]), "{keys:?}");
    let refused = SimulatedAgent::enrol(&server.origin, key["key"].as_str().unwrap(), "web").await.err().unwrap();
    assert!(refused.to_string().contains("site_key_invalid"), "{refused}");
    server.stop().await;
}

#[tokio::test]
async fn every_change_leaves_an_audit_row_and_a_refused_one_does_not() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let example = client(&admin, "Example").await;
    let office = site(&admin, &example, "Office").await;
    admin.post("/sites", json!({ "client_id": example["id"], "name": "Office" })).await.problem(409, "name_taken");
    admin.patch(&path(&office), json!({ "name": "Branch" })).await.ok();
    admin.delete(&path(&office)).await.no_content();
    let events = admin.all(&format!("/audit-events?site_id={}", office["id"].as_str().unwrap()), 50).await;
    let actions: Vec<_> = events.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["site.deleted", "site.updated", "site.created"]);
    assert_eq!(
        events[1]["detail"],
        json!({ "before": { "name": "Office", "remove_after_days": null, "time_zone": null }, "after": { "name": "Branch", "remove_after_days": null, "time_zone": null } })
    );
    assert!(events.iter().all(|event| event["client_id"] == example["id"]), "{events:?}");
    server.stop().await;
}

#[tokio::test]
async fn a_site_that_somebody_else_removes_at_the_same_time_is_not_found() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let office = site(&admin, &client(&admin, "Example").await, "Office").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut tx = owner.begin().await.unwrap();
    sqlx::query("delete from sites where name = 'Office'").execute(&mut *tx).await.unwrap();
    let path = path(&office);
    let (answer, ()) = tokio::join!(admin.delete(&path), async {
        server.db.wait_for_blocked().await;
        tx.commit().await.unwrap();
    });
    answer.problem(404, "site_not_found");
    assert!(admin.all("/audit-events?action=site.deleted", 50).await.is_empty(), "it was not this request");
    server.stop().await;
}
