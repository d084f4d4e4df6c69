use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_server_testkit::{ApiClient, TestServer};
use reqwest::Method;

#[tokio::test]
async fn malformed_requests_get_clear_answers() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let post = async |body: &'static str, kind: &'static str| {
        ApiClient::answer(admin.request(Method::POST, "/api/clients").header("content-type", kind).body(body)).await
    };
    post("{", "application/json").await.problem(400, "invalid_request");
    post("{\"name\": 1}", "application/json").await.problem(400, "invalid_request");
    post("[\"Example\"]", "application/json").await.problem(400, "invalid_request");
    post("name=x", "application/x-www-form-urlencoded").await.problem(415, "unsupported_media_type");
    let giant = ApiClient::answer(
        admin
            .request(Method::POST, "/api/clients")
            .header("content-type", "application/json")
            .body("x".repeat(2 << 20)),
    )
    .await;
    giant.problem(413, "payload_too_large");

    for misspelt in ["/api/clients", "/api/sites", "/api/site-keys", "/api/setup", "/api/auth/login"] {
        let body = serde_json::json!({ "nmae": "x" });
        let answer = admin.send(Method::POST, misspelt, Some(body)).await.problem(400, "invalid_request");
        assert!(answer["detail"].as_str().unwrap().contains("nmae"), "{answer}");
    }

    admin.get("/clients?after=tampered").await.problem(400, "cursor_invalid");
    admin.get("/clients?limit=0").await.problem(400, "invalid_request");
    admin.get("/clients?limit=many").await.problem(400, "invalid_request");
    admin.get("/clients?typo=1").await.problem(400, "invalid_request");
    admin.get("/agents?sort=password").await.problem(400, "invalid_request");
    admin.get("/agents?os=plan9").await.problem(400, "invalid_request");
    admin.get("/clients/not-an-id").await.problem(404, "not_found");
    admin.get("/nothing").await.problem(404, "not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_cursor_of_another_list_or_order_is_refused() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for name in ["a", "b"] {
        admin.post("/clients", serde_json::json!({ "name": name })).await.created();
    }
    let page = admin.get("/clients?limit=1").await.ok();
    let cursor = page["next"].as_str().unwrap();
    admin.get(&format!("/sites?after={cursor}")).await.problem(400, "cursor_invalid");
    admin.get(&format!("/agents?after={cursor}")).await.problem(400, "cursor_invalid");
    admin.get(&format!("/clients?after={}", &cursor[1..])).await.problem(400, "cursor_invalid");
    for list in ["clients", "sites"] {
        let without_value = format!(r#"{{"o":"{list}:name","v":null,"i":"{}"}}"#, uuid::Uuid::nil());
        let cursor = URL_SAFE_NO_PAD.encode(without_value);
        admin.get(&format!("/{list}?after={cursor}")).await.problem(400, "cursor_invalid");
    }
    server.stop().await;
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = TestServer::start().await;
    for path in ["/", "/api/setup", "/healthz", "/nothing", "/api/nothing"] {
        let answer = server.anonymous().send(Method::GET, path, None).await;
        for name in
            ["x-content-type-options", "content-security-policy", "referrer-policy", "x-frame-options", "x-request-id"]
        {
            assert!(answer.headers.contains_key(name), "{path} lacks {name}");
        }
        assert!(!answer.headers["content-security-policy"].to_str().unwrap().contains("unsafe"));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_database_that_goes_away_is_unavailable_and_comes_back() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let end_all = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    sqlx::query(end_all).execute(&mut owner).await.unwrap();
    let answer = gururmm_server_testkit::wait_for("the database to be used again", async || {
        let answer = admin.get("/clients").await;
        if answer.status != 200 {
            assert!(!answer.text.contains("terminat"), "internals leaked: {}", answer.text);
        }
        (answer.status == 200).then_some(answer)
    })
    .await;
    answer.ok();
    server.stop().await;
}
