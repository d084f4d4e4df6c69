use gururmm_server_testkit::{Link, SimulatedAgent, TestServer};
use jiff::SignedDuration;
use serde_json::json;

async fn site_id(admin: &gururmm_server_testkit::ApiClient) -> serde_json::Value {
    admin.get("/sites").await.ok()["items"][0]["id"].clone()
}

#[tokio::test]
async fn the_local_key_enrols_one_machine_before_anybody_has_logged_in() {
    let server = TestServer::start().await;
    let agent = SimulatedAgent::enrol(&server.origin, &server.local_site_key, "web-1").await.unwrap();
    Link::connect(&agent).await.unwrap();
    let again = SimulatedAgent::enrol(&server.origin, &server.local_site_key, "web-2").await.err().unwrap();
    assert!(again.to_string().contains("site_key_used_up"), "{again}");
    let admin = server.administrator().await;
    let agents = admin.get("/agents").await.ok();
    assert_eq!(agents["items"][0]["hostname"], "web-1");
    server.stop().await;
}

#[tokio::test]
async fn wrong_revoked_expired_and_used_up_keys_are_refused_each_with_its_reason() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let site = site_id(&admin).await;
    let now = server.app().clock.now();
    let refused = async |key: &str| SimulatedAgent::enrol(&server.origin, key, "web").await.err().unwrap().to_string();
    let create = async |body: serde_json::Value| admin.post("/site-keys", body).await.created();

    let wrong = gururmm_protocol::secret::site_key(&[1; 32], &server.app().secrets.fingerprint());
    assert!(refused(&wrong).await.contains("site_key_invalid"));
    assert!(refused("nonsense").await.contains("site_key_invalid"));

    let revoked = create(json!({ "site_id": site, "name": "revoked" })).await;
    admin.post(&format!("/site-keys/{}/revoke", revoked["site_key"]["id"].as_str().unwrap()), json!({})).await.ok();
    assert!(refused(revoked["key"].as_str().unwrap()).await.contains("site_key_revoked"));

    let expires = now.saturating_add(SignedDuration::from_mins(5)).unwrap();
    let expired = create(json!({ "site_id": site, "name": "expired", "expires_at": expires })).await;
    let once = create(json!({ "site_id": site, "name": "once", "max_uses": 1 })).await;
    SimulatedAgent::enrol(&server.origin, once["key"].as_str().unwrap(), "web").await.unwrap();
    assert!(refused(once["key"].as_str().unwrap()).await.contains("site_key_used_up"));
    server.clock.advance(SignedDuration::from_mins(6));
    assert!(refused(expired["key"].as_str().unwrap()).await.contains("site_key_expired"));

    let agents = admin.get("/agents?count=true").await.ok();
    assert_eq!(agents["count"], 1, "nobody came in by a refused key");
    server.stop().await;
}

#[tokio::test]
async fn a_key_for_one_use_admits_one_of_many_at_once() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let key = admin
        .post("/site-keys", json!({ "site_id": site_id(&admin).await, "name": "once", "max_uses": 1 }))
        .await
        .created();
    let key = key["key"].as_str().unwrap();
    let attempts = (0..8)
        .map(|number| SimulatedAgent::enrol(&server.origin, key, ["a", "b", "c", "d", "e", "f", "g", "h"][number]));
    let outcomes = futures_util::future::join_all(attempts).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_shown_once_and_stored_as_a_hash() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let created =
        admin.post("/site-keys", json!({ "site_id": site_id(&admin).await, "name": "office" })).await.created();
    let key = created["key"].as_str().unwrap().to_owned();
    let secret = key.split('.').next().unwrap();
    assert!(!admin.get("/site-keys").await.text.contains(secret));
    assert!(!admin.get("/audit-events").await.text.contains(secret));
    let mut owner = server.db.connect("gururmm_owner").await;
    let dump: Vec<String> =
        sqlx::query_scalar("select site_keys::text from site_keys").fetch_all(&mut owner).await.unwrap();
    assert!(dump.iter().all(|row| !row.contains(secret)));
    SimulatedAgent::enrol(&server.origin, &key, "web").await.unwrap();
    let keys = admin.get("/site-keys").await.ok();
    let used = keys["items"].as_array().unwrap().iter().find(|item| item["id"] == created["site_key"]["id"]).unwrap();
    assert_eq!(used["use_count"], 1);
    assert!(used["last_used_at"].is_string());
    server.stop().await;
}

#[tokio::test]
async fn an_agent_leaves_by_its_own_signature_and_nobody_elses() {
    use ed25519_dalek::Signer as _;
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let at = server.app().clock.now();
    let body = |key: &ed25519_dalek::SigningKey, at: jiff::Timestamp| {
        let bytes = gururmm_protocol::handshake::unenroll_bytes(agent.agent_id, agent.device_id, at);
        let signature = key.sign(&bytes).to_bytes();
        serde_json::to_value(gururmm_protocol::enroll::UnenrollRequest {
            agent_id: agent.agent_id,
            device_id: agent.device_id,
            at,
            signature,
        })
        .unwrap()
    };
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    let nobody = server.anonymous();
    nobody.post("/unenroll", body(&stranger, at)).await.problem(403, "agent_unknown");
    let long_ago = at.saturating_sub(SignedDuration::from_hours(1)).unwrap();
    nobody.post("/unenroll", body(&agent.key, long_ago)).await.problem(403, "agent_unknown");
    nobody.post("/unenroll", body(&agent.key, at)).await.no_content();
    nobody.post("/unenroll", body(&agent.key, at)).await.problem(404, "agent_not_found");
    let record = admin.get(&format!("/agents/{}", agent.agent_id)).await.ok();
    assert_eq!(record["state"], "left", "its traces stay");
    let events = admin.get("/audit-events?action=agent.unenrolled").await.ok();
    assert_eq!(events["items"][0]["target_name"], "web-1");
    server.stop().await;
}
