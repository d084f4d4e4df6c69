//! Whether a machine may work: approval, quarantine, revoked and rotated keys.

use std::time::{Duration, Instant};

use gururmm_protocol::handshake::{Transcript, Word};
use gururmm_protocol::message::{AgentMessage, Goodbye, GoodbyeCode, ServerMessage};
use gururmm_protocol::record::Body;
use gururmm_protocol::secret;
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, metrics};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Enrols with a key that needs approval.
async fn waiting(server: &TestServer, admin: &ApiClient, hostname: &str) -> SimulatedAgent {
    let site = admin.get("/sites").await.ok()["items"][0]["id"].clone();
    let key = json!({ "site_id": site, "name": "By appointment", "needs_approval": true });
    let key = admin.post("/site-keys", key).await.created();
    SimulatedAgent::enrol(&server.origin, key["key"].as_str().unwrap(), hostname).await.unwrap()
}

/// What the server says to a machine that comes.
async fn greeting(agent: &SimulatedAgent) -> ServerMessage {
    Link::connect_lying(agent, Box::new(|_| {})).await.unwrap()
}

async fn goodbye(agent: &SimulatedAgent) -> Goodbye {
    match greeting(agent).await {
        ServerMessage::Goodbye(goodbye) => goodbye,
        other => panic!("a goodbye was expected, not {other:?}"),
    }
}

async fn machine(admin: &ApiClient, agent: &SimulatedAgent) -> Value {
    admin.get(&format!("/agents/{}", agent.agent_id)).await.ok()
}

async fn act(admin: &ApiClient, agent: &SimulatedAgent, verb: &str, body: Value) -> Value {
    admin.post(&format!("/agents/{}/{verb}", agent.agent_id), body).await.ok()
}

#[tokio::test]
async fn a_machine_that_waits_tells_its_name_and_nothing_else_until_it_is_let_in() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = waiting(&server, &admin, "web-1").await;
    assert_eq!(machine(&admin, &agent).await["state"], "waiting");
    let said = goodbye(&agent).await;
    assert_eq!((said.code, said.reconnect_after_seconds), (GoodbyeCode::Held, Some(5)), "somebody stands beside it");
    server.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(goodbye(&agent).await.reconnect_after_seconds, Some(300), "nobody hurries");
    let kept = machine(&admin, &agent).await;
    assert_eq!((kept["status"].as_str(), kept["last_seen_at"].is_null()), (Some("offline"), true));
    admin
        .post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "id" }))
        .await
        .problem(409, "agent_not_active");
    assert_eq!(admin.get("/agents?state=waiting&count=true").await.ok()["count"], 1);
    assert_eq!(admin.get("/agents/summary").await.ok()["waiting"], 1);
    // neither may it be released from what it is not in
    admin.post(&format!("/agents/{}/release", agent.agent_id), json!({})).await.problem(409, "agent_state");

    assert_eq!(act(&admin, &agent, "approve", json!({})).await["state"], "active");
    admin.post(&format!("/agents/{}/approve", agent.agent_id), json!({})).await.problem(409, "agent_state");
    Link::connect(&agent).await.unwrap();
    let told = admin.get("/audit-events?action=agent.approved").await.ok();
    assert_eq!(told["items"][0]["target_name"], "web-1");
    server.stop().await;
}

#[tokio::test]
async fn a_machine_that_is_sent_away_stops_for_good() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = waiting(&server, &admin, "web-1").await;
    let works = server.enrol(&admin, "web-2").await;
    admin.post(&format!("/agents/{}/reject", works.agent_id), json!({})).await.problem(409, "agent_state");
    admin.post(&format!("/agents/{}/reject", agent.agent_id), json!({})).await.no_content();
    admin.get(&format!("/agents/{}", agent.agent_id)).await.problem(404, "agent_not_found");
    assert_eq!(goodbye(&agent).await.code, GoodbyeCode::Removed);
    server.stop().await;
}

/// That an agent is removed holds for good, so it is signed for the session in which it is said.
#[tokio::test]
async fn a_removal_is_signed_whether_it_is_heard_at_once_or_later() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for is_connected in [true, false] {
        let agent = server.enrol(&admin, "web-1").await;
        let mut link = Link::open(&agent).await.unwrap();
        if is_connected {
            link = Link::connect(&agent).await.unwrap();
        }
        admin.delete(&format!("/agents/{}", agent.agent_id)).await.no_content();
        if !is_connected {
            link = Link::open(&agent).await.unwrap();
            link.present(Box::new(|_| {})).await.unwrap();
        }
        let said = link.goodbye().await.unwrap();
        assert_eq!(said.code, GoodbyeCode::Removed);
        let session: &Transcript = link.session().unwrap();
        assert!(session.is_word_of(Word::Removed, &agent.server_key, &said.signature.unwrap()), "{is_connected}");
    }
    server.stop().await;
}

#[tokio::test]
async fn quarantine_ends_the_connection_within_a_second_and_release_lets_it_come_again() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let began = Instant::now();
    let held = act(&admin, &agent, "quarantine", json!({ "reason": " It sends mail. " })).await;
    assert_eq!((held["state"].as_str(), held["state_reason"].as_str()), (Some("quarantined"), Some("It sends mail.")));
    assert_eq!(link.goodbye().await.unwrap().code, GoodbyeCode::Held);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(goodbye(&agent).await.code, GoodbyeCode::Held);
    assert_eq!(admin.get("/agents/summary").await.ok()["quarantined"], 1);
    admin
        .post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "id" }))
        .await
        .problem(409, "agent_not_active");

    let released = act(&admin, &agent, "release", json!({})).await;
    assert_eq!((released["state"].as_str(), released["state_reason"].is_null()), (Some("active"), true));
    let mut link = Link::connect(&agent).await.unwrap();
    let last = link.record(Body::Metrics(Box::new(metrics(1.0)))).await.unwrap();
    link.acknowledged(last).await.unwrap();
    let events = admin.get("/audit-events?action=agent.quarantined").await.ok();
    assert_eq!(events["items"][0]["detail"]["reason"], "It sends mail.");
    for wrong in [json!({ "reason": "x".repeat(501) }), json!({ "why": "x" })] {
        let answer = admin.post(&format!("/agents/{}/quarantine", agent.agent_id), wrong).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{}", answer.text);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_revoked_key_is_good_for_nothing_at_once_and_for_ever() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut link = Link::connect(&agent).await.unwrap();
    let began = Instant::now();
    assert_eq!(act(&admin, &agent, "revoke-key", json!({ "reason": "It was stolen." })).await["state"], "revoked");
    assert_eq!(link.goodbye().await.unwrap().code, GoodbyeCode::Revoked);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(goodbye(&agent).await.code, GoodbyeCode::Revoked, "the thief learns no more");
    for verb in ["release", "approve", "rotate-key", "revoke-key", "quarantine"] {
        admin.post(&format!("/agents/{}/{verb}", agent.agent_id), json!({})).await.problem(409, "agent_state");
    }
    server.stop().await;
}

#[tokio::test]
async fn another_key_is_offered_signed_and_the_one_before_ends_when_it_is_taken() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut agent = server.enrol(&admin, "web-1").await;
    let before = agent.clone();
    let mut link = Link::connect(&agent).await.unwrap();
    let asked = act(&admin, &agent, "rotate-key", json!({})).await;
    assert!(asked["rotate_requested_at"].is_string());
    let (key, signature) = new_key(&mut link).await;
    assert!(link.session().unwrap().is_word_of(Word::NewKey(&key), &agent.server_key, &signature));
    // until it says that it has it, both are good
    drop(link);
    assert!(matches!(greeting(&before).await, ServerMessage::Welcome(_)));

    // it comes with the one before: it has not stored the other, and is offered one again
    let mut link = Link::connect(&agent).await.unwrap();
    let (key, _) = new_key(&mut link).await;
    let mut events = admin.events("").await;
    link.send(&AgentMessage::KeyTaken { key_hash: [9; 32] }).await.unwrap();
    link.send(&AgentMessage::KeyTaken { key_hash: secret::hash(&key) }).await.unwrap();
    agent.agent_key = key;
    events.wait_for("agent_changed", |_| true).await;
    let taken = machine(&admin, &agent).await;
    assert!(taken["key_changed_at"].is_string() && taken["rotate_requested_at"].is_null());
    assert_eq!(goodbye(&before).await.code, GoodbyeCode::Refused);
    Link::connect(&agent).await.unwrap();
    let events = admin.get("/audit-events?action=agent.key_rotated").await.ok();
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
    server.stop().await;
}

/// The agent stores the key, and the line breaks before it can say so.
#[tokio::test]
async fn a_key_that_was_taken_unheard_counts_from_the_next_arrival() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    act(&admin, &agent, "rotate-key", json!({})).await;
    let mut link = Link::connect(&agent).await.unwrap();
    let (key, _) = new_key(&mut link).await;
    link.vanish();
    // asked for again meanwhile: what was offered is not taken back, for the agent may have stored it
    act(&admin, &agent, "rotate-key", json!({})).await;
    let renewed = SimulatedAgent { agent_key: key, ..agent.clone() };
    Link::connect(&renewed).await.unwrap();
    assert!(machine(&admin, &agent).await["rotate_requested_at"].is_null());
    assert_eq!(goodbye(&agent).await.code, GoodbyeCode::Refused);
    server.stop().await;
}

async fn new_key(link: &mut Link) -> (String, [u8; 64]) {
    loop {
        if let ServerMessage::KeyNew { agent_key, signature } = link.next().await.unwrap() {
            return (agent_key, signature);
        }
    }
}

#[tokio::test]
async fn a_machine_that_left_keeps_its_record_and_its_traces() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    server.anonymous().post("/unenroll", crate::things::departure(&server, &agent)).await.no_content();
    assert_eq!(machine(&admin, &agent).await["state"], "left");
    assert_eq!(goodbye(&agent).await.code, GoodbyeCode::Removed);
    // a machine that is held cannot leave that behind
    let other = server.enrol(&admin, "web-2").await;
    act(&admin, &other, "quarantine", json!({})).await;
    server
        .anonymous()
        .post("/unenroll", crate::things::departure(&server, &other))
        .await
        .problem(404, "agent_not_found");
    assert_eq!(machine(&admin, &other).await["state"], "quarantined");
    admin.delete(&format!("/agents/{}", agent.agent_id)).await.no_content();
    server.stop().await;
}
