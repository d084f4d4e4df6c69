use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer};
use jiff::SignedDuration;
use serde_json::{Value, json};

async fn new_site(admin: &ApiClient, client: &str, site: &str) -> Value {
    let client = admin.post("/clients", json!({ "name": client })).await.created();
    admin.post("/sites", json!({ "client_id": client["id"], "name": site })).await.created()
}

async fn shown(admin: &ApiClient, created: &Value) -> Value {
    let keys = admin.all("/site-keys", 50).await;
    keys.into_iter().find(|key| key["id"] == created["site_key"]["id"]).unwrap()
}

fn revoke(created: &Value) -> String {
    format!("/site-keys/{}/revoke", created["site_key"]["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_key_is_created_with_its_limits_and_told_by_its_beginning() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let site = new_site(&admin, "Example", "Office").await;
    let end = server.app().clock.now().saturating_add(SignedDuration::from_hours(24)).unwrap();
    let body = json!({ "site_id": site["id"], "name": " Tills ", "max_uses": 3, "expires_at": end });
    let created = admin.post("/site-keys", body).await.created();
    let (key, text) = (&created["site_key"], created["key"].as_str().unwrap());
    assert!(text.starts_with("grmm_site_"));
    assert!(text.starts_with(key["prefix"].as_str().unwrap()) && text.len() > 40, "{created}");
    assert_eq!(
        (key["name"].as_str(), key["site_name"].as_str(), key["client_name"].as_str()),
        (Some("Tills"), Some("Office"), Some("Example"))
    );
    assert_eq!(
        (key["state"].as_str(), key["max_uses"].as_i64(), key["use_count"].as_i64()),
        (Some("active"), Some(3), Some(0))
    );
    assert_eq!(key["created_by_name"], "Technician One");
    assert!(key["expires_at"].is_string() && key["revoked_at"].is_null() && key["last_used_at"].is_null(), "{key}");
    assert_eq!(&shown(&admin, &created).await, key);

    let unlimited = json!({ "site_id": site["id"], "name": "Any", "max_uses": null, "expires_at": null });
    let unlimited = admin.post("/site-keys", unlimited).await.created();
    assert!(unlimited["site_key"]["max_uses"].is_null() && unlimited["site_key"]["expires_at"].is_null());
    assert_ne!(unlimited["key"], created["key"]);
    server.stop().await;
}

#[tokio::test]
async fn wrong_input_names_the_field_and_makes_no_key() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let site = new_site(&admin, "Example", "Office").await;
    let before = admin.all("/site-keys", 50).await;
    let nobody = "01900000-0000-7000-8000-000000000000";
    let now = server.app().clock.now();
    let ago = now.saturating_sub(SignedDuration::from_secs(1)).unwrap();
    for (change, field) in [
        (json!({ "site_id": nobody }), "site_id"),
        (json!({ "name": "" }), "name"),
        (json!({ "max_uses": 0 }), "max_uses"),
        (json!({ "max_uses": -1 }), "max_uses"),
        (json!({ "max_uses": 1_000_001 }), "max_uses"),
        (json!({ "expires_at": now }), "expires_at"),
        (json!({ "expires_at": ago }), "expires_at"),
        (json!({ "expires_at": "-009000-01-01T00:00:00Z" }), "expires_at"),
    ] {
        let mut body = json!({ "site_id": site["id"], "name": "Key" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let problem = admin.post("/site-keys", body).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field, "{change}: {problem}");
    }
    for change in [json!({ "max_uses": 1.5 }), json!({ "expires_at": "tomorrow" }), json!({ "site_id": 7 })] {
        let mut body = json!({ "site_id": site["id"], "name": "Key" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        admin.post("/site-keys", body).await.problem(400, "invalid_request");
    }
    assert_eq!(admin.all("/site-keys", 50).await, before);
    for query in ["site_id=x", "client_id=x", "limit=0", "after=x", "state=active"] {
        assert_eq!(admin.get(&format!("/site-keys?{query}")).await.status, 400, "{query}");
    }
    let furthest =
        json!({ "site_id": site["id"], "name": "Key", "max_uses": 1_000_000, "expires_at": "9999-12-30T00:00:00Z" });
    admin.post("/site-keys", furthest).await.created();
    server.stop().await;
}

#[tokio::test]
async fn a_key_tells_why_it_lets_nobody_in_any_more() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let site = new_site(&admin, "Example", "Office").await;
    let end = server.app().clock.now().saturating_add(SignedDuration::from_hours(1)).unwrap();
    let body = json!({ "site_id": site["id"], "name": "Till", "max_uses": 1, "expires_at": end });
    let created = admin.post("/site-keys", body).await.created();
    let agent = SimulatedAgent::enrol(&server.origin, created["key"].as_str().unwrap(), "till").await.unwrap();
    let used = shown(&admin, &created).await;
    assert_eq!((used["state"].as_str(), used["use_count"].as_i64()), (Some("used_up"), Some(1)));
    assert!(used["last_used_at"].is_string());
    server.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(shown(&admin, &created).await["state"], "expired");

    let revoked = admin.post(&revoke(&created), json!({})).await.ok();
    assert_eq!(revoked["state"], "revoked");
    server.clock.advance(SignedDuration::from_hours(1));
    let again = admin.post(&revoke(&created), json!({})).await.ok();
    assert_eq!(again, revoked, "revoking it again changes nothing");
    let events = admin.all(&format!("/audit-events?target_id={}", revoked["id"].as_str().unwrap()), 50).await;
    let actions: Vec<_> = events.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["site_key.revoked", "site_key.created"]);
    assert_eq!(events[0]["site_id"], site["id"]);

    Link::connect(&agent).await.expect("who enrolled with it stays");
    let nobody = "/site-keys/01900000-0000-7000-8000-000000000000/revoke";
    admin.post(nobody, json!({})).await.problem(404, "site_key_not_found");
    server.stop().await;
}

#[tokio::test]
async fn keys_are_listed_by_site_and_client_the_newest_first() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (one, two) = (new_site(&admin, "One", "Office").await, new_site(&admin, "Two", "Office").await);
    let branch = json!({ "client_id": one["client_id"], "name": "Branch" });
    let branch = admin.post("/sites", branch).await.created();
    for (site, name) in [(&one, "a"), (&two, "b"), (&branch, "c"), (&one, "d"), (&two, "e"), (&one, "f")] {
        admin.post("/site-keys", json!({ "site_id": site["id"], "name": name })).await.created();
    }
    let names = async |query: String| {
        let keys = admin.all(&format!("/site-keys?{query}"), 2).await;
        keys.iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let all = names(String::new()).await;
    assert_eq!(all[..6], ["f", "e", "d", "c", "b", "a"]);
    assert_eq!(all.len(), 7, "with the one of the first start");
    assert_eq!(names(format!("site_id={}", id(&one["id"]))).await, ["f", "d", "a"]);
    assert_eq!(names(format!("client_id={}", id(&one["client_id"]))).await, ["f", "d", "c", "a"]);
    let neither = format!("client_id={}&site_id={}", id(&two["client_id"]), id(&one["id"]));
    assert!(names(neither).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_regenerated_key_ends_the_old_one_and_says_what_it_enrolled() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let site = admin.get("/sites").await.ok()["items"][0].clone();
    let created =
        admin.post("/site-keys", json!({ "site_id": site["id"], "name": "Tills", "max_uses": 5 })).await.created();
    let (id, old) = (created["site_key"]["id"].as_str().unwrap(), created["key"].as_str().unwrap());
    let first = SimulatedAgent::enrol(&server.origin, old, "till-1").await.unwrap();
    let renewed = admin.post(&format!("/site-keys/{id}/regenerate"), json!({})).await.ok();
    let new = renewed["key"].as_str().unwrap();
    assert!(new != old && new.starts_with(renewed["site_key"]["prefix"].as_str().unwrap()));
    assert_eq!((&renewed["site_key"]["use_count"], &renewed["site_key"]["name"]), (&json!(1), &json!("Tills")));
    assert!(SimulatedAgent::enrol(&server.origin, old, "till-2").await.is_err());
    let second = SimulatedAgent::enrol(&server.origin, new, "till-3").await.unwrap();
    server.enrol(&admin, "elsewhere").await;
    let enrolled = admin.get(&format!("/agents?site_key_id={id}&count=true")).await.ok();
    let ids: Vec<_> = enrolled["items"].as_array().unwrap().iter().map(|agent| agent["id"].as_str().unwrap()).collect();
    assert_eq!(
        (ids, &enrolled["count"]),
        (vec![&*first.agent_id.to_string(), &*second.agent_id.to_string()], &json!(2))
    );
    admin.post(&format!("/site-keys/{id}/revoke"), json!({})).await.ok();
    admin.post(&format!("/site-keys/{id}/regenerate"), json!({})).await.problem(409, "site_key_is_revoked");
    server.stop().await;
}

#[tokio::test]
async fn the_bounds_of_a_key_are_changed() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let site = admin.get("/sites").await.ok()["items"][0].clone();
    let created =
        admin.post("/site-keys", json!({ "site_id": site["id"], "name": "Tills", "max_uses": 1 })).await.created();
    let (path, key) =
        (format!("/site-keys/{}", created["site_key"]["id"].as_str().unwrap()), created["key"].as_str().unwrap());
    SimulatedAgent::enrol(&server.origin, key, "till-1").await.unwrap();
    assert!(SimulatedAgent::enrol(&server.origin, key, "till-2").await.is_err());
    let changed = admin.patch(&path, json!({ "max_uses": 2, "name": "All tills" })).await.ok();
    assert_eq!(
        (&changed["state"], &changed["name"], &changed["max_uses"]),
        (&json!("active"), &json!("All tills"), &json!(2))
    );
    SimulatedAgent::enrol(&server.origin, key, "till-2").await.unwrap();
    assert_eq!(admin.patch(&path, json!({ "max_uses": null })).await.ok()["state"], "active");
    for wrong in [json!({ "max_uses": 0 }), json!({ "expires_at": "2020-01-01T00:00:00Z" }), json!({ "name": " " })] {
        admin.patch(&path, wrong).await.problem(422, "validation_failed");
    }
    let told = admin.get("/audit-events?action=site_key.updated").await.ok();
    assert_eq!(told["items"].as_array().unwrap().len(), 2);
    server.stop().await;
}
