//! Sessions: seen, ended, and gone everywhere within a second.

use std::time::{Duration, Instant};

use gururmm_server::platform::time::Time;
use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, TestServer, allow, wait_for};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn log_in(server: &TestServer, password: &str) -> ApiClient {
    let login = server.anonymous().post("/auth/login", json!({ "email": EMAIL, "password": password })).await.ok();
    ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned))
}

async fn session_id(who: &ApiClient) -> String {
    who.get("/auth/me").await.ok()["session"]["id"].as_str().unwrap().to_owned()
}

fn ids(sessions: &Value) -> Vec<&str> {
    sessions["items"].as_array().unwrap().iter().map(|session| session["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions() {
    let server = TestServer::start().await;
    let first = server.administrator().await;
    let (second, third) = (log_in(&server, PASSWORD).await, log_in(&server, PASSWORD).await);
    let list = first.get("/auth/sessions").await.ok();
    let expected = [session_id(&third).await, session_id(&second).await, session_id(&first).await];
    assert_eq!(ids(&list), expected);
    assert_eq!((&list["items"][2]["is_current"], &list["items"][0]["is_current"]), (&json!(true), &json!(false)));
    assert_eq!(list["items"][0]["ip"], "127.0.0.1");
    first.delete(&format!("/auth/sessions/{}", expected[1])).await.no_content();
    second.get("/auth/me").await.problem(401, "unauthenticated");
    first.delete(&format!("/auth/sessions/{}", expected[1])).await.problem(404, "session_not_found");
    let person = server.person(&[allow("owner")]).await;
    person.delete(&format!("/auth/sessions/{}", expected[0])).await.problem(404, "session_not_found");
    third.post("/auth/sessions/end-others", json!({})).await.no_content();
    first.get("/auth/me").await.problem(401, "unauthenticated");
    assert_eq!(ids(&third.get("/auth/sessions").await.ok()), [session_id(&third).await]);
    server.stop().await;
}

/// By another server on the same database, as by the console: nothing tells the first.
#[tokio::test]
async fn a_revoked_session_is_gone_within_a_second_everywhere() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let person = server.person(&[allow("administrator")]).await;
    let mut events = person.events("").await;
    person.get("/auth/me").await.ok();
    let mut owner = server.db.connect("gururmm_owner").await;
    let revoke = "update auth_sessions set revoked_at = now() where id = $1";
    sqlx::query(revoke).bind(person.session_id.as_uuid()).execute(&mut owner).await.unwrap();
    let began = Instant::now();
    let (ended, ()) = tokio::join!(events.next(), async {
        wait_for("the session to be refused", async || (person.get("/auth/me").await.status == 401).then_some(()))
            .await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    });
    assert!(ended.is_none(), "{ended:?}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    admin.get("/auth/me").await.ok();
    server.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let server = TestServer::start().await;
    let (first, second) = (server.administrator().await, log_in(&server, PASSWORD).await);
    let new = "another horse battery staple";
    let change = json!({ "current_password": new, "new_password": new });
    first.post("/auth/password", change).await.problem(403, "password_wrong");
    let short = json!({ "current_password": PASSWORD, "new_password": "short" });
    first.post("/auth/password", short).await.problem(422, "validation_failed");
    first.post("/auth/password", json!({ "current_password": PASSWORD, "new_password": new })).await.no_content();
    first.get("/auth/me").await.ok();
    second.get("/auth/me").await.problem(401, "unauthenticated");
    let nobody = server.anonymous();
    nobody.post("/auth/login", json!({ "email": EMAIL, "password": PASSWORD })).await.problem(401, "login_failed");
    log_in(&server, new).await.patch("/auth/me", json!({ "name": "Technician Renamed" })).await.ok();
    assert_eq!(first.get("/auth/me").await.ok()["user"]["name"], "Technician Renamed");
    server.stop().await;
}

#[tokio::test]
async fn guessing_ones_password_with_a_stolen_session_is_limited() {
    let server = TestServer::start_with(|config| {
        config.rate_limits.login_per_account_per_minute = std::num::NonZeroU32::new(3).unwrap();
    })
    .await;
    let admin = server.administrator().await;
    let guess =
        json!({ "current_password": "wrong horse battery staple", "new_password": "another horse battery staple" });
    for _ in 0..3 {
        admin.post("/auth/password", guess.clone()).await.problem(403, "password_wrong");
    }
    admin.post("/auth/password", guess).await.problem(429, "rate_limited");
    server.stop().await;
}

#[tokio::test]
async fn administrators_see_and_end_the_sessions_of_others() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let person = server.person(&[allow("viewer")]).await;
    let list = admin.get(&format!("/users/{}/sessions", person.id)).await.ok();
    assert_eq!(ids(&list), [person.session_id.to_string()]);
    let mut events = person.events("").await;
    admin.post(&format!("/users/{}/sign-out", person.id), json!({})).await.no_content();
    person.get("/auth/me").await.problem(401, "unauthenticated");
    let began = Instant::now();
    while events.next().await.is_some() {}
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(admin.get(&format!("/users/{}/sessions", person.id)).await.ok()["items"], json!([]));
    server.stop().await;
}

/// Neither by going to and fro, nor by where one is already.
#[tokio::test]
async fn no_session_lasts_longer_by_switching() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let stranger = server.stranger().await;
    let foreign = server.client_of(&stranger);
    let invited = json!({ "email": EMAIL, "grants": [{ "built_in": "viewer" }] });
    let invitation = foreign.post("/invitations", invited).await.created();
    admin.post("/auth/accept", json!({ "token": invitation["token"] })).await.ok();
    let me = admin.get("/auth/me").await.ok();
    let here = json!({ "organisation_id": me["organisation"]["id"] });
    admin.post("/auth/switch", here).await.problem(422, "validation_failed");
    server.clock.advance(jiff::SignedDuration::from_hours(20));
    let login = admin.post("/auth/switch", json!({ "organisation_id": stranger.org_id })).await.ok();
    assert_eq!(login["expires_at"], me["session"]["expires_at"]);
    let there = ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned));
    there.get("/auth/me").await.ok();
    server.clock.advance(jiff::SignedDuration::from_hours(5));
    there.get("/auth/me").await.problem(401, "unauthenticated");
    server.stop().await;
}

/// Requests have no way back, whatever they ask for.
#[tokio::test]
async fn what_has_ended_stays_ended() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let org = admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().to_owned();
    let person = server.person(&[allow("administrator")]).await;
    let key = admin.post("/api-keys", json!({ "name": "Key", "permissions": ["agents.view"] })).await.created();
    admin.post(&format!("/api-keys/{}/revoke", key["api_key"]["id"].as_str().unwrap()), json!({})).await.ok();
    let invited = json!({ "email": "invited@example.com", "grants": [{ "built_in": "viewer" }] });
    let invitation = admin.post("/invitations", invited).await.created();
    admin
        .post(&format!("/invitations/{}/revoke", invitation["invitation"]["id"].as_str().unwrap()), json!({}))
        .await
        .ok();
    admin.delete(&format!("/users/{}", person.id)).await.no_content();
    let mut app = server.db.connect("gururmm_app").await;
    for forged in [
        "update auth_sessions set revoked_at = null",
        "update api_keys set revoked_at = null",
        "update invitations set revoked_at = null",
        "update memberships set status = 'active'",
    ] {
        let mut tx = sqlx::Connection::begin(&mut app).await.unwrap();
        sqlx::query("select set_config('app.org', $1, true)").bind(&org).execute(&mut *tx).await.unwrap();
        let refused = sqlx::query(sqlx::AssertSqlSafe(forged)).execute(&mut *tx).await.unwrap_err().to_string();
        assert!(refused.contains("what has ended stays ended"), "{forged}: {refused}");
    }
    server.stop().await;
}

/// A request whose headers have arrived, and of its body all but the end.
struct HalfRequest {
    stream: TcpStream,
    end: &'static str,
}

impl HalfRequest {
    async fn open(server: &TestServer, token: &str) -> Self {
        let (begin, end) = (r#"{"name": "Late""#, "}");
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let head = format!(
            "POST /api/clients HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{begin}",
            server.address(),
            begin.len() + end.len(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Self { stream, end }
    }

    async fn finish(mut self) -> String {
        self.stream.write_all(self.end.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

#[tokio::test]
async fn who_loses_a_right_while_a_request_is_open_does_nothing_with_it() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let maker = server.person(&[allow("administrator")]).await;
    let key = maker.post("/api-keys", json!({ "name": "Slow", "permissions": ["clients.edit"] })).await.created();
    let slow = HalfRequest::open(&server, key["key"].as_str().unwrap()).await;
    wait_for("the server to know who asks", async || {
        server.app().keys_used.write(&server.app().db, Time(server.app().clock.now())).await.unwrap();
        let keys = admin.get("/api-keys").await.ok();
        keys["items"][0]["last_used_at"].is_string().then_some(())
    })
    .await;
    let grant = admin.get(&format!("/users/{}", maker.id)).await.ok()["grants"][0]["id"].clone();
    admin.delete(&format!("/grants/{}", grant.as_str().unwrap())).await.no_content();
    let answer = slow.finish().await;
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("access_changed"), "{answer}");
    assert_eq!(admin.get("/clients?search=Late").await.ok()["items"], json!([]));
    server.stop().await;
}
