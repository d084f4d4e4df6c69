use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, TestServer};
use serde_json::json;

fn body(token: &str) -> serde_json::Value {
    json!({ "token": token, "name": "Technician One", "email": EMAIL, "password": PASSWORD })
}

#[tokio::test]
async fn the_token_makes_one_administrator_and_then_the_setup_is_closed() {
    let mut server = TestServer::start().await;
    let nobody = server.anonymous();
    assert_eq!(nobody.get("/setup").await.ok(), json!({ "open": true }));
    nobody.post("/setup", body("guess")).await.problem(403, "setup_token_wrong");

    let login = nobody.post("/setup", body(&server.setup_token)).await.created();
    assert_eq!(login["user"]["email"], EMAIL);
    assert_eq!(nobody.get("/setup").await.ok(), json!({ "open": false }));
    nobody.post("/setup", body(&server.setup_token)).await.problem(409, "setup_closed");

    server.restart().await;
    assert!(server.server.as_ref().unwrap().first_start.setup_token.is_none());
    nobody.post("/setup", body(&server.setup_token)).await.problem(409, "setup_closed");
    let login = nobody.post("/auth/login", json!({ "email": EMAIL, "password": PASSWORD })).await.ok();
    assert!(login["token"].is_string());
    server.stop().await;
}

#[tokio::test]
async fn a_restart_before_the_setup_makes_a_new_token_and_the_old_one_is_worthless() {
    let mut server = TestServer::start().await;
    let old = server.setup_token.clone();
    server.restart().await;
    let first_start = &server.server.as_ref().unwrap().first_start;
    let new_key = first_start.local_site_key.clone().unwrap();
    let stale = gururmm_server_testkit::SimulatedAgent::enrol(&server.origin, &server.local_site_key, "web")
        .await
        .err()
        .unwrap();
    assert!(stale.to_string().contains("site_key_invalid"), "{stale}");
    gururmm_server_testkit::SimulatedAgent::enrol(&server.origin, &new_key, "web").await.unwrap();
    let new = first_start.setup_token.clone().unwrap();
    assert_ne!(old, new);
    let nobody = server.anonymous();
    nobody.post("/setup", body(&old)).await.problem(403, "setup_token_wrong");
    server.restart().await;
    assert!(server.server.as_ref().unwrap().first_start.local_site_key.is_none(), "it was used: this machine is in");
    let newest = server.server.as_ref().unwrap().first_start.setup_token.clone().unwrap();
    nobody.post("/setup", body(&newest)).await.created();
    server.stop().await;
}

#[tokio::test]
async fn wrong_input_names_the_field_and_uses_nothing_up() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    for (field, value) in [
        ("name", ""),
        ("email", "technician"),
        ("password", "short"),
        ("organisation", " "),
        ("client", "\u{7}"),
        ("site", ""),
    ] {
        let mut body = body(&server.setup_token);
        body[field] = json!(value);
        let problem = nobody.post("/setup", body).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    assert_eq!(nobody.get("/setup").await.ok(), json!({ "open": true }));
    server.stop().await;
}

#[tokio::test]
async fn two_setups_at_once_make_one_administrator() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    let mut second = body(&server.setup_token);
    second["email"] = json!("technician.two@example.com");
    let (first, second) = tokio::join!(nobody.post("/setup", body(&server.setup_token)), nobody.post("/setup", second));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    server.stop().await;
}

#[tokio::test]
async fn nobody_without_the_token_makes_the_server_hash_a_password() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    let mut owner = server.db.connect("gururmm_owner").await;
    // the judge is taken away: whoever gets as far as asking it gets another answer
    sqlx::query(
        "revoke execute on function setup_complete(bytea, uuid, text, text, text, timestamptz) from gururmm_app",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    nobody.post("/setup", body("guess")).await.problem(403, "setup_token_wrong");
    nobody.post("/setup", body(&server.setup_token)).await.problem(500, "internal");
    sqlx::query("update setup_state set completed_at = now()").execute(&mut owner).await.unwrap();
    nobody.post("/setup", body(&server.setup_token)).await.problem(409, "setup_closed");
    server.stop().await;
}

#[tokio::test]
async fn the_local_key_is_good_for_a_day() {
    let server = TestServer::start().await;
    server.clock.advance(jiff::SignedDuration::from_hours(25));
    let late = gururmm_server_testkit::SimulatedAgent::enrol(&server.origin, &server.local_site_key, "web").await;
    assert!(late.err().unwrap().to_string().contains("site_key_expired"));
    server.stop().await;
}

#[tokio::test]
async fn the_setup_names_what_the_first_start_made() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    let mut named = body(&server.setup_token);
    named["organisation"] = json!(" Example Managed Services ");
    named["client"] = json!("Example Own");
    named["site"] = json!("Workshop");
    let login = nobody.post("/setup", named).await.created();

    let admin = ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned));
    assert_eq!(admin.get("/auth/me").await.ok()["organisation"]["name"], "Example Managed Services");
    assert_eq!(admin.get("/clients").await.ok()["items"][0]["name"], "Example Own");
    assert_eq!(admin.get("/sites").await.ok()["items"][0]["name"], "Workshop");
    let audit = admin.get("/audit-events").await.ok();
    let renamed = |action: &str| {
        let event = audit["items"].as_array().unwrap().iter().find(|event| event["action"] == action).unwrap();
        (event["detail"]["before"]["name"].clone(), event["detail"]["after"]["name"].clone())
    };
    assert_eq!(renamed("organisation.updated"), (json!("default"), json!("Example Managed Services")));
    assert_eq!(renamed("client.updated"), (json!("My organisation"), json!("Example Own")));
    assert_eq!(renamed("site.updated"), (json!("Main office"), json!("Workshop")));
    server.stop().await;
}

/// There is no account to begin with, of nobody's.
#[tokio::test]
async fn no_account_exists_before_the_set_up() {
    let server = TestServer::start().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let there: i64 = sqlx::query_scalar(
        "select (select count(*) from users) + (select count(*) from memberships) + (select count(*) from auth_sessions)
              + (select count(*) from platform_operators) + (select count(*) from api_keys)",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(there, 0);
    server.stop().await;
}
