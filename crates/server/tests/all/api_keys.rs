//! API keys: what they may do, from where, and how they end.

use gururmm_server::platform::time::Time;
use gururmm_server_testkit::{ApiClient, Person, TestServer, allow};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::operations::operations;
use crate::things::{MACHINES, Things};

async fn key_of(server: &TestServer, who: &ApiClient, body: Value) -> (Value, ApiClient) {
    let created = who.post("/api-keys", body).await.created();
    let program = ApiClient::new(&server.origin, created["key"].as_str().map(str::to_owned));
    (created["api_key"].clone(), program)
}

fn of(permissions: &[&str]) -> Value {
    json!({ "name": "Script", "permissions": permissions })
}

#[tokio::test]
async fn a_key_does_what_its_list_says_and_nothing_else() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "ours").await;
    let (key, program) = key_of(&server, &admin, of(&["commands.run"])).await;
    assert_eq!((&key["state"], &key["permissions"]), (&json!("active"), &json!(["commands.run"])));
    program.post(&format!("/agents/{}/command", things.agent.agent_id), json!({ "command": "id" })).await.accepted();
    program.get("/commands").await.ok();
    program.delete(&format!("/agents/{}", things.agent.agent_id)).await.problem(403, "forbidden");
    let me = program.get("/auth/me").await.ok();
    assert_eq!((&me["session"], &me["api_key"]["name"]), (&json!(null), &json!("Script")));
    assert_eq!(me["permissions"].as_array().unwrap().len(), 5);
    let mut events = program.events("").await;
    program.post(&format!("/agents/{}/command", things.agent.agent_id), json!({ "command": "id" })).await.accepted();
    events.wait_for("command_changed", |_| true).await;
    let told = admin.get("/audit-events?action=command.created").await.ok()["items"][0].clone();
    assert_eq!((&told["actor_kind"], &told["api_key_id"]), (&json!("api_key"), &key["id"]));
    assert!(told["summary"].as_str().unwrap().contains("by an API key"), "{told}");
    server.stop().await;
}

#[tokio::test]
async fn a_key_makes_no_key_and_no_person() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "ours").await;
    let all = admin.get("/permissions").await.ok();
    let (for_keys, for_people): (Vec<_>, Vec<_>) =
        all["items"].as_array().unwrap().iter().partition(|permission| permission["is_for_keys"] == true);
    let names = |permissions: &[&Value]| -> Vec<String> {
        permissions.iter().map(|permission| permission["name"].as_str().unwrap().to_owned()).collect()
    };
    for name in names(&for_people) {
        admin.post("/api-keys", of(&[&name])).await.problem(422, "validation_failed");
    }
    let body = json!({ "name": "Everything", "permissions": names(&for_keys) });
    let (_, program) = key_of(&server, &admin, body).await;
    for operation in operations().iter().filter(|operation| !operation.is_public() && operation.id != "event_stream") {
        let is_for_keys = names(&for_keys).contains(&operation.permission);
        let is_told = operation.permission == "own" && ["auth_me", "permission_list"].contains(&operation.id.as_str());
        if is_for_keys || is_told {
            continue;
        }
        let answer = program.send(operation.method.clone(), &things.path(operation), things.body(operation)).await;
        let code = answer.json["code"].as_str().unwrap_or_default();
        if operation.permission == "operator" {
            assert_eq!(code, "not_found", "{}", operation.id);
            continue;
        }
        assert!(
            answer.status == 403 && ["forbidden", "session_required"].contains(&code),
            "{} {}",
            operation.id,
            answer.text
        );
    }
    server.stop().await;
}

/// Whatever is about its maker's own affairs.
#[tokio::test]
async fn a_key_touches_nothing_of_its_makers_account() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let maker = server.person(&[allow("administrator")]).await;
    let (_, program) = key_of(&server, &maker, of(&["agents.view"])).await;
    let (id, session) = (maker.id.to_string(), maker.session_id.to_string());
    for operation in operations().iter().filter(|operation| operation.path.contains("{id}")) {
        for own in [&id, &session] {
            let path = operation.path.replace("{id}", own);
            let answer = program.send(operation.method.clone(), &path, operation.takes_body.then(|| json!({}))).await;
            assert!(!answer.status.is_success(), "{} {}", operation.id, answer.text);
        }
    }
    assert_eq!(program.get("/auth/me").await.ok()["grants"], json!([]));
    maker.get("/auth/me").await.ok();
    assert_eq!(admin.get(&format!("/users/{id}")).await.ok()["status"], "active");
    server.stop().await;
}

#[tokio::test]
async fn a_technician_mints_no_key_beyond_their_own() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "ours").await;
    let viewer = server.person(&[allow("viewer")]).await;
    viewer.post("/api-keys", of(&["agents.view"])).await.problem(403, "forbidden");
    let technician: Person =
        server.person(&[allow("api_keys.own"), allow("technician").on_client(&things.client)]).await;
    technician.post("/api-keys", of(&["agents.delete"])).await.problem(403, "not_yours_to_give");
    let (_, program) = key_of(&server, &technician, of(&["agents.view"])).await;
    assert_eq!(program.get("/agents?count=true").await.ok()["count"], MACHINES);
    server.enrol(&admin, "elsewhere").await;
    assert_eq!(
        program.get("/agents?count=true").await.ok()["count"],
        MACHINES,
        "where its maker may, and nowhere else"
    );
    // what its maker loses it loses too
    let grants = admin.get(&format!("/users/{}", technician.id)).await.ok()["grants"].clone();
    let role = grants.as_array().unwrap().iter().find(|grant| grant["built_in"] == "technician").unwrap();
    admin.delete(&format!("/grants/{}", role["id"].as_str().unwrap())).await.no_content();
    program.get("/agents").await.problem(403, "forbidden");
    server.stop().await;
}

#[tokio::test]
async fn a_key_works_at_its_places_and_from_its_networks_only() {
    let server = TestServer::start_with(|config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    let admin = server.administrator().await;
    let (ours, theirs) = (Things::make(&server, &admin, "ours").await, Things::make(&server, &admin, "theirs").await);
    let mut body = of(&["agents.view", "clients.edit"]);
    body["site_ids"] = json!([ours.site["id"]]);
    let (_, program) = key_of(&server, &admin, body.clone()).await;
    assert_eq!(program.get("/agents?count=true").await.ok()["count"], MACHINES);
    program.get(&format!("/agents/{}", theirs.agent.agent_id)).await.problem(404, "agent_not_found");
    program.post("/clients", json!({ "name": "New" })).await.problem(403, "forbidden");
    // bound to what is gone is bound to nothing
    for agent in admin.all(&format!("/agents?site_id={}", ours.site["id"].as_str().unwrap()), 50).await {
        admin.delete(&format!("/agents/{}", agent["id"].as_str().unwrap())).await.no_content();
    }
    admin.delete(&format!("/sites/{}", ours.site["id"].as_str().unwrap())).await.no_content();
    server
        .app()
        .identities
        .forget_organisation(admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().parse().unwrap());
    program.get("/agents").await.problem(403, "forbidden");
    body["site_ids"] = json!([ours.site["id"]]);
    admin.post("/api-keys", body).await.problem(422, "validation_failed");

    let mut body = of(&["agents.view"]);
    body["networks"] = json!(["198.51.100.7/24", "2001:db8::1"]);
    let (key, program) = key_of(&server, &admin, body.clone()).await;
    assert_eq!(key["networks"], json!(["198.51.100.0/24", "2001:db8::1/128"]));
    for (from, status) in [("198.51.100.9", 200), ("2001:db8::1", 200), ("198.51.101.9", 403), ("127.0.0.1", 403)] {
        let request = program.request(reqwest::Method::GET, "/api/agents").header("x-forwarded-for", from);
        let answer = ApiClient::answer(request).await;
        assert_eq!(answer.status, status, "{from}: {}", answer.text);
        assert!(status == 200 || answer.json["code"] == "key_network", "{}", answer.text);
    }
    body["networks"] = json!(["everywhere"]);
    admin.post("/api-keys", body).await.problem(422, "validation_failed");
    server.stop().await;
}

#[tokio::test]
async fn a_key_ends_by_hand_by_time_and_with_its_maker() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let maker = server.person(&[allow("administrator")]).await;
    let (revoked, by_hand) = key_of(&server, &maker, of(&["agents.view"])).await;
    let (_, with_maker) = key_of(&server, &maker, of(&["agents.view"])).await;
    by_hand.get("/agents").await.ok();
    let technician = server.person(&[allow("technician")]).await;
    let path = format!("/api-keys/{}/revoke", revoked["id"].as_str().unwrap());
    technician.post(&path, json!({})).await.problem(404, "api_key_not_found");
    technician.get("/api-keys").await.problem(403, "forbidden");
    admin.post(&path, json!({})).await.ok();
    by_hand.get("/agents").await.problem(401, "unauthenticated");
    let own = maker.get(&format!("/api-keys?user_id={}", maker.id)).await.ok();
    let states: Vec<_> = own["items"].as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["active", "revoked"]);
    admin.patch(&format!("/users/{}", maker.id), json!({ "status": "suspended" })).await.ok();
    with_maker.get("/agents").await.problem(401, "unauthenticated");
    admin.patch(&format!("/users/{}", maker.id), json!({ "status": "active" })).await.ok();
    with_maker.get("/agents").await.ok();
    for days in [0, 401] {
        let body = json!({ "name": "Script", "permissions": ["agents.view"], "expires_in_days": days });
        admin.post("/api-keys", body).await.problem(422, "validation_failed");
    }
    server.clock.advance(SignedDuration::from_hours(91 * 24));
    with_maker.get("/agents").await.problem(401, "unauthenticated");
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_shown_once_kept_as_a_hash_and_its_last_use_is_told() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let created = admin.post("/api-keys", of(&["agents.view"])).await.created();
    let key = created["key"].as_str().unwrap();
    assert!(key.starts_with("grmm_key_") && key.starts_with(created["api_key"]["prefix"].as_str().unwrap()));
    let list = admin.get("/api-keys").await.ok();
    assert!(!list.to_string().contains(key) && list["items"][0]["last_used_at"].is_null());
    assert!(!admin.get("/audit-events").await.ok().to_string().contains(key));
    let mut owner = server.db.connect("gururmm_owner").await;
    let stored = "select count(*) from api_keys k where k::text like '%' || $1 || '%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(stored).bind(key).fetch_one(&mut owner).await.unwrap(), 0);
    let program = ApiClient::new(&server.origin, Some(key.to_owned()));
    program.get("/agents").await.ok();
    server.app().keys_used.write(&server.app().db, Time(server.app().clock.now())).await.unwrap();
    let used = admin.get("/api-keys").await.ok()["items"][0].clone();
    assert_eq!((used["last_used_at"].is_string(), &used["last_used_ip"]), (true, &json!("127.0.0.1")));
    let wrong = ApiClient::new(&server.origin, Some(format!("{key}x")));
    wrong.get("/agents").await.problem(401, "unauthenticated");
    server.stop().await;
}

#[tokio::test]
async fn nobody_has_more_keys_than_there_may_be() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let first = admin.post("/api-keys", of(&["agents.view"])).await.created();
    for _ in 1..100 {
        admin.post("/api-keys", of(&["agents.view"])).await.created();
    }
    admin.post("/api-keys", of(&["agents.view"])).await.problem(409, "api_key_limit_reached");
    let path = format!("/api-keys/{}/revoke", first["api_key"]["id"].as_str().unwrap());
    admin.post(&path, json!({})).await.ok();
    admin.post("/api-keys", of(&["agents.view"])).await.created();
    server.stop().await;
}
