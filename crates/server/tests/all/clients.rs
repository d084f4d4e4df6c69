use gururmm_server_testkit::TestServer;
use serde_json::json;
use sqlx::Connection as _;

#[tokio::test]
async fn a_client_is_created_renamed_listed_and_deleted() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let client = admin.post("/clients", json!({ "name": "  Example GmbH ", "kind": "residential" })).await.created();
    assert_eq!(client["name"], "Example GmbH");
    let path = format!("/clients/{}", client["id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.ok(), client);

    admin.post("/clients", json!({ "name": "example gmbh" })).await.problem(409, "name_taken");
    let changed = admin.patch(&path, json!({ "name": "Example AG" })).await.ok();
    assert_eq!((changed["name"].as_str(), changed["kind"].as_str()), (Some("Example AG"), Some("residential")));

    let found = admin.get("/clients?search=AMPLE").await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    admin.delete(&path).await.no_content();
    admin.get(&path).await.problem(404, "client_not_found");
    admin.delete(&path).await.problem(404, "client_not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_client_with_sites_stays() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let first = admin.get("/clients").await.ok()["items"][0].clone();
    assert_eq!(first["site_count"], 1);
    admin.delete(&format!("/clients/{}", first["id"].as_str().unwrap())).await.problem(409, "client_not_empty");
    server.stop().await;
}

#[tokio::test]
async fn pages_hold_every_client_once_and_in_order() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for number in 0..7 {
        admin.post("/clients", json!({ "name": format!("Client {number}") })).await.created();
    }
    // the small last letter of the first is another one to the database than to other programs; a cursor must stand on it
    for name in ["ΟΔΟΣ", "ΩΜΕΓΑ"] {
        admin.post("/clients", json!({ "name": name })).await.created();
    }
    let clients = admin.all("/clients", 1).await;
    let names: Vec<_> = clients.iter().map(|client| client["name"].as_str().unwrap()).collect();
    let mut sorted = names.clone();
    sorted.sort_by_key(|name| name.to_lowercase());
    assert_eq!(names.len(), 10, "with the client of the first start");
    assert_eq!(names, sorted);
    server.stop().await;
}

#[tokio::test]
async fn every_change_leaves_an_audit_row_and_a_refused_one_does_not() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    admin.post("/clients", json!({ "name": "Example" })).await.problem(409, "name_taken");
    let path = format!("/clients/{}", client["id"].as_str().unwrap());
    admin.patch(&path, json!({ "kind": "internal" })).await.ok();
    admin.delete(&path).await.no_content();
    let events = admin.get(&format!("/audit-events?target_id={}", client["id"].as_str().unwrap())).await.ok();
    let actions: Vec<_> =
        events["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["client.deleted", "client.updated", "client.created"]);
    assert_eq!(events["items"][2]["actor_name"], "Technician One");
    assert!(events["items"][2]["request_id"].is_string());
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_somebody_else_removes_at_the_same_time_is_not_found() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let path = format!("/clients/{}", client["id"].as_str().unwrap());
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut tx = owner.begin().await.unwrap();
    sqlx::query("delete from clients where name = 'Example'").execute(&mut *tx).await.unwrap();
    let (answer, ()) = tokio::join!(admin.delete(&path), async {
        server.db.wait_for_blocked().await;
        tx.commit().await.unwrap();
    });
    answer.problem(404, "client_not_found");
    assert!(admin.all("/audit-events?action=client.deleted", 50).await.is_empty(), "it was not this request");
    server.stop().await;
}
