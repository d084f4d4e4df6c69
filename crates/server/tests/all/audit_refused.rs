//! What somebody who is known was refused is told too.

use gururmm_server_testkit::{ApiClient, EMAIL, TestServer, allow, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

async fn refusals(admin: &ApiClient, count: usize) -> Vec<Value> {
    // written after the answer
    wait_for("refusals to be told", async || {
        let events = admin.all("/audit-events?outcome=refused", 200).await;
        (events.len() >= count).then_some(events)
    })
    .await
}

#[tokio::test]
async fn a_request_without_the_permission_is_told_with_what_was_tried() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let id = client["id"].as_str().unwrap();
    let viewer = server.person(&[allow("viewer")]).await;
    let answer = viewer.patch(&format!("/clients/{id}"), json!({ "name": "Mine" })).await.problem(403, "forbidden");
    let refused = &refusals(&admin, 1).await[0];
    assert_eq!((&refused["action"], &refused["actor_id"]), (&json!("request.refused"), &json!(viewer.id)));
    assert_eq!((&refused["target_id"], &refused["client_id"]), (&json!(id), &json!(id)));
    assert_eq!((&refused["ip"], &refused["session_id"]), (&json!("127.0.0.1"), &json!(viewer.session_id)));
    assert_eq!(refused["request_id"], answer["request_id"]);
    let summary = refused["summary"].as_str().unwrap();
    assert!(summary.starts_with(&format!("Technician Three was refused PATCH /api/clients/{id}: “")), "{summary}");
    assert!(summary.contains("clients.edit"), "{summary}");
    assert_eq!(admin.get(&format!("/clients/{id}")).await.ok()["name"], "Example");
    server.stop().await;
}

#[tokio::test]
async fn what_somebody_may_not_do_here_or_to_somebody_above_them_is_told() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (here, there) = (
        admin.post("/clients", json!({ "name": "Here" })).await.created(),
        admin.post("/clients", json!({ "name": "There" })).await.created(),
    );
    let owner = admin.get("/auth/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    let technician = server.person(&[allow("viewer"), allow("clients.edit").on_client(&here)]).await;
    let path = format!("/clients/{}", there["id"].as_str().unwrap());
    technician.patch(&path, json!({ "name": "Mine" })).await.problem(403, "forbidden");
    let other = server.person(&[allow("administrator")]).await;
    other.patch(&format!("/users/{owner}"), json!({ "status": "suspended" })).await.problem(403, "above_you");
    let codes: Vec<_> = refusals(&admin, 2).await.iter().map(|event| event["detail"]["code"].clone()).collect();
    assert!(codes.contains(&json!("forbidden")) && codes.contains(&json!("above_you")), "{codes:?}");
    let not_there = "/agents/01900000-0000-7000-8000-000000000000";
    technician.get(not_there).await.problem(404, "agent_not_found");
    technician.patch(&path, json!({ "nothing": 1 })).await.problem(400, "invalid_request");
    assert_eq!(refusals(&admin, 2).await.len(), 2, "what is not there, or makes no sense, is no attempt");
    server.stop().await;
}

#[tokio::test]
async fn another_sites_page_is_told_by_whose_session_it_used() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let token = admin.token.clone().unwrap();
    let request = |token: &str| {
        server
            .anonymous()
            .request(Method::POST, "/api/clients")
            .header("cookie", format!("gururmm_session={token}"))
            .header("sec-fetch-site", "cross-site")
            .json(&json!({ "name": "Intruder" }))
    };
    ApiClient::answer(request("nonsense")).await.problem(403, "cross_origin");
    ApiClient::answer(request(&token)).await.problem(403, "cross_origin");
    let refused = refusals(&admin, 1).await;
    assert_eq!(refused.len(), 1, "who is not known is not told");
    assert_eq!(
        (&refused[0]["detail"]["code"], &refused[0]["actor_name"]),
        (&json!("cross_origin"), &json!("Technician One"))
    );
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_to_the_organisation_of_the_account() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let stranger = server.client_of(&server.stranger().await);
    for email in [EMAIL, "nobody@example.com"] {
        let body = json!({ "email": email, "password": "wrong horse battery staple" });
        server.anonymous().post("/auth/login", body).await.problem(401, "login_failed");
    }
    let refused = refusals(&admin, 1).await;
    assert_eq!(refused.len(), 1);
    let event = &refused[0];
    assert_eq!((&event["action"], &event["actor_kind"]), (&json!("session.refused"), &json!("anonymous")));
    assert_eq!((&event["target_name"], &event["ip"]), (&json!("Technician One"), &json!("127.0.0.1")));
    assert_eq!(event["summary"], "Somebody gave a wrong password for Technician One");
    assert!(!event.to_string().contains("wrong horse"));
    assert!(stranger.all("/audit-events", 50).await.is_empty(), "another organisation hears nothing of it");
    server.stop().await;
}

#[tokio::test]
async fn a_flood_of_attempts_does_not_fill_the_log() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let nobody = server.person(&[]).await;
    for _ in 0..100 {
        nobody.get("/clients").await.problem(403, "forbidden");
    }
    // what the tasks have to do is done when the server has stopped
    let mut server = server;
    server.restart().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let rows: i64 = sqlx::query_scalar("select count(*) from audit_events where action = 'request.refused'")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert!((60..90).contains(&rows), "{rows} rows for 100 attempts");
    drop(admin);
    server.stop().await;
}
