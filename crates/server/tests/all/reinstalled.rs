//! Machines that come again: installed anew, copied, or with another's name.

use gururmm_protocol::facts::{Facts, Hardware};
use gururmm_protocol::handshake::Word;
use gururmm_protocol::message::{GoodbyeCode, ServerMessage};
use gururmm_server_testkit::{ApiClient, Link, SimulatedAgent, TestServer, allow, deny, facts, http_client};
use serde_json::{Value, json};

fn on_hardware(hostname: &str, hardware: &str) -> Facts {
    let hardware = Hardware {
        uuid_hash: Some(gururmm_protocol::secret::hash_hex(hardware.as_bytes())),
        serial: Some(format!("EX-{hardware}")),
        manufacturer: Some("Example Computers".to_owned()),
        model: Some("Desk 400".to_owned()),
    };
    Facts { hardware: Some(hardware), ..facts(hostname) }
}

async fn key(admin: &ApiClient, needs_approval: bool) -> String {
    let site = admin.get("/sites").await.ok()["items"][0]["id"].clone();
    let key = json!({ "site_id": site, "name": "New machines", "needs_approval": needs_approval });
    admin.post("/site-keys", key).await.created()["key"].as_str().unwrap().to_owned()
}

async fn enrol(server: &TestServer, key: &str, facts: Facts) -> SimulatedAgent {
    SimulatedAgent::enrol_with(&http_client().unwrap(), &server.origin, key, facts).await.unwrap()
}

/// Comes with hardware; answers what the server says.
async fn come(agent: &SimulatedAgent, hardware: &str) -> ServerMessage {
    let facts = on_hardware(&agent.hostname, hardware);
    Link::connect_lying(agent, Box::new(move |proof| proof.facts = facts)).await.unwrap()
}

/// As after the grace period.
async fn set_offline(server: &TestServer) {
    let mut owner = server.db.connect("gururmm_owner").await;
    let offline = "update agent_presence set status = 'offline', connection_id = null";
    sqlx::query(offline).execute(&mut owner).await.unwrap();
}

async fn findings(admin: &ApiClient, agent: &SimulatedAgent) -> Vec<Value> {
    admin.all(&format!("/findings?agent_id={}", agent.agent_id), 50).await
}

fn kinds(findings: &[Value]) -> Vec<&str> {
    findings.iter().map(|finding| finding["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_machine_that_was_installed_anew_goes_on_with_its_record() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let old = enrol(&server, &key(&admin, false).await, on_hardware("web-1", "A")).await;
    admin.patch(&format!("/agents/{}", old.agent_id), json!({ "display_name": "Till 3" })).await.ok();
    let new = enrol(&server, &key(&admin, true).await, on_hardware("fresh", "A")).await;
    let found = findings(&admin, &new).await;
    assert_eq!(kinds(&found), ["known_hardware"]);
    assert_eq!(found[0]["other_agent_name"], "Till 3");
    assert_eq!(admin.get("/agents?search=ex-a").await.ok()["items"].as_array().unwrap().len(), 2, "by serial number");

    let adopt = |id: gururmm_ids::AgentId| json!({ "agent_id": id });
    let path = format!("/agents/{}/adopt", old.agent_id);
    admin.post(&path, adopt(old.agent_id)).await.problem(422, "validation_failed");
    admin.post(&path, adopt(gururmm_ids::AgentId::generate())).await.problem(422, "validation_failed");
    let connected = Link::connect(&old).await.unwrap();
    admin.post(&path, adopt(new.agent_id)).await.problem(409, "agent_online");
    drop(connected);
    set_offline(&server).await;

    let adopted = admin.post(&path, adopt(new.agent_id)).await.ok();
    assert_eq!(
        (adopted["display_name"].as_str(), adopted["hostname"].as_str(), adopted["state"].as_str()),
        (Some("Till 3"), Some("fresh"), Some("active"))
    );
    admin.get(&format!("/agents/{}", new.agent_id)).await.problem(404, "agent_not_found");
    // the machine knows only its newer id; it is told the other, signed
    let mut link = Link::open(&new).await.unwrap();
    link.present(Box::new(|_| {})).await.unwrap();
    let ServerMessage::IdentityNew { agent_id, signature } = link.next().await.unwrap() else { panic!("no new id") };
    assert_eq!(agent_id, old.agent_id);
    assert!(link.session().unwrap().is_word_of(Word::NewId(agent_id), &new.server_key, &signature));
    Link::connect(&SimulatedAgent { agent_id, ..new.clone() }).await.unwrap();
    // what the record was before is good for nothing
    let ServerMessage::Goodbye(said) = come(&old, "A").await else { panic!("no goodbye") };
    assert_eq!(said.code, GoodbyeCode::Refused);
    assert!(findings(&admin, &old).await.is_empty());
    let events = admin.get("/audit-events?action=agent.adopted").await.ok();
    assert_eq!(events["items"][0]["detail"]["adopted_hostname"], "fresh");
    // once more: it was reinstalled twice, and told of the first by the second
    let third = enrol(&server, &key(&admin, false).await, on_hardware("fresher", "A")).await;
    set_offline(&server).await;
    admin.post(&path, adopt(third.agent_id)).await.ok();
    assert!(matches!(come(&third, "A").await, ServerMessage::IdentityNew { .. }));
    assert!(matches!(come(&new, "A").await, ServerMessage::IdentityNew { .. }), "it may have missed it");
    server.stop().await;
}

#[tokio::test]
async fn a_record_that_was_revoked_or_left_can_be_continued() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (revoked, left) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "web-2").await);
    admin.post(&format!("/agents/{}/revoke-key", revoked.agent_id), json!({})).await.ok();
    server.anonymous().post("/unenroll", crate::things::departure(&server, &left)).await.no_content();
    for old in [&revoked, &left] {
        let new = server.enrol(&admin, "fresh").await;
        let body = json!({ "agent_id": new.agent_id });
        let adopted = admin.post(&format!("/agents/{}/adopt", old.agent_id), body).await.ok();
        assert_eq!(adopted["state"], "active");
    }
    // but nobody goes on with an identity that is held
    let (old, held) = (server.enrol(&admin, "web-3").await, server.enrol(&admin, "fresh").await);
    admin.post(&format!("/agents/{}/quarantine", held.agent_id), json!({})).await.ok();
    let body = json!({ "agent_id": held.agent_id });
    admin.post(&format!("/agents/{}/adopt", old.agent_id), body).await.problem(409, "agent_state");
    server.stop().await;
}

#[tokio::test]
async fn two_machines_that_take_turns_are_both_quarantined_and_named() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let first = server.enrol(&admin, "web-1").await;
    let second = SimulatedAgent {
        run_id: gururmm_ids::RunId::generate(),
        hostname: "copy-of-web-1".to_owned(),
        ..first.clone()
    };
    let mut one = Link::connect(&first).await.unwrap();
    let mut other = Link::connect(&second).await.unwrap();
    assert_eq!(one.goodbye().await.unwrap().code, GoodbyeCode::Replaced);
    one = Link::connect(&first).await.unwrap();
    assert_eq!(other.goodbye().await.unwrap().code, GoodbyeCode::Replaced);
    let said = Link::connect_lying(&second, Box::new(|_| {})).await.unwrap();
    let ServerMessage::Goodbye(said) = said else { panic!("{said:?}") };
    assert_eq!(said.code, GoodbyeCode::Held);
    // the other is sent away too
    one.goodbye().await.unwrap();
    let said = Link::connect_lying(&first, Box::new(|_| {})).await.unwrap();
    assert!(matches!(said, ServerMessage::Goodbye(said) if said.code == GoodbyeCode::Held));
    let machine = admin.get(&format!("/agents/{}", first.agent_id)).await.ok();
    assert_eq!(machine["state"], "quarantined");
    let found = findings(&admin, &first).await;
    assert_eq!(kinds(&found), ["clone"]);
    let names = [&found[0]["detail"]["first"]["hostname"], &found[0]["detail"]["second"]["hostname"]];
    assert_eq!(names, ["web-1", "copy-of-web-1"]);
    let events = admin.get("/audit-events?action=agent.cloned").await.ok();
    let sentence = events["items"][0]["summary"].as_str().unwrap();
    assert!(sentence.contains("web-1") && sentence.contains("copy-of-web-1"), "{sentence}");

    admin.post(&format!("/agents/{}/release", first.agent_id), json!({})).await.ok();
    assert!(findings(&admin, &first).await.is_empty());
    Link::connect(&first).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn hardware_that_comes_back_after_another_is_two_machines_and_a_new_board_is_none() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = enrol(&server, &key(&admin, false).await, on_hardware("web-1", "A")).await;
    for hardware in ["A", "A", "B", "B", "C"] {
        assert!(matches!(come(&agent, hardware).await, ServerMessage::Welcome(_)), "a board was replaced: {hardware}");
    }
    assert!(matches!(come(&agent, "B").await, ServerMessage::Goodbye(said) if said.code == GoodbyeCode::Held));
    assert_eq!(kinds(&findings(&admin, &agent).await), ["clone"]);
    admin.post(&format!("/agents/{}/release", agent.agent_id), json!({})).await.ok();
    assert!(matches!(come(&agent, "B").await, ServerMessage::Welcome(_)), "it is looked at anew");
    server.stop().await;
}

#[tokio::test]
async fn names_that_two_have_are_told_until_one_has_another_or_is_gone() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (first, second) = (server.enrol(&admin, "web-1").await, server.enrol(&admin, "WEB-1").await);
    let found = findings(&admin, &second).await;
    assert_eq!(kinds(&found), ["duplicate_hostname"]);
    assert_eq!(found[0]["other_agent_id"], json!(first.agent_id));
    // the machine is renamed, and back
    for (hostname, count) in [("web-2", 0), ("web-1", 1)] {
        Link::connect(&SimulatedAgent { hostname: hostname.to_owned(), ..second.clone() }).await.unwrap();
        assert_eq!(findings(&admin, &second).await.len(), count, "{hostname}");
    }
    // the other is renamed, and back by another way: it moves away and returns
    Link::connect(&SimulatedAgent { hostname: "web-3".to_owned(), ..first.clone() }).await.unwrap();
    assert!(findings(&admin, &second).await.is_empty());
    Link::connect(&first).await.unwrap();
    let mine = findings(&admin, &first).await;
    assert_eq!(kinds(&mine), ["duplicate_hostname"], "now it is the one that came last");
    let client = admin.post("/clients", json!({ "name": "Other" })).await.created();
    let site = admin.post("/sites", json!({ "client_id": client["id"], "name": "Other" })).await.created();
    admin.patch(&format!("/agents/{}", second.agent_id), json!({ "site_id": site["id"] })).await.ok();
    assert!(findings(&admin, &first).await.is_empty(), "names are those of a client");
    admin.delete(&format!("/agents/{}", first.agent_id)).await.no_content();
    assert!(findings(&admin, &second).await.is_empty(), "there is no other any more");
    server.stop().await;
}

#[tokio::test]
async fn findings_are_dismissed_by_who_may_and_seen_where_one_may() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = enrol(&server, &key(&admin, false).await, on_hardware("HANSPETER-PC", "A")).await;
    let found = findings(&admin, &agent).await;
    assert_eq!(kinds(&found), ["sandbox"]);
    let path = format!("/findings/{}", found[0]["id"].as_str().unwrap());
    let viewer = server.person(&[allow("viewer")]).await;
    assert_eq!(viewer.api.all("/findings", 50).await.len(), 1);
    viewer.api.delete(&path).await.problem(403, "forbidden");
    let other = admin.post("/clients", json!({ "name": "Other" })).await.created();
    let elsewhere = server.person(&[allow("technician").on_client(&other)]).await;
    assert!(elsewhere.api.all("/findings", 50).await.is_empty());
    elsewhere.api.delete(&path).await.problem(404, "finding_not_found");
    admin.delete(&path).await.no_content();
    admin.delete(&path).await.problem(404, "finding_not_found");
    assert!(findings(&admin, &agent).await.is_empty());
    let events = admin.get("/audit-events?action=finding.dismissed").await.ok();
    assert_eq!(events["items"][0]["target_name"], "HANSPETER-PC");
    server.stop().await;
}

/// What is not allowed by itself is not by way of this either.
#[tokio::test]
async fn continuing_a_record_is_no_way_to_move_or_remove_a_machine() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let open = key(&admin, false).await;
    let client = admin.post("/clients", json!({ "name": "Guarded" })).await.created();
    let site = admin.post("/sites", json!({ "client_id": client["id"], "name": "Guarded" })).await.created();
    let guarded = admin.post("/site-keys", json!({ "site_id": site["id"], "name": "Guarded" })).await.created();
    let guarded = guarded["key"].as_str().unwrap();
    let old = enrol(&server, &open, on_hardware("web-1", "A")).await;
    let same = enrol(&server, guarded, on_hardware("web-1", "A")).await;
    let other = enrol(&server, &open, on_hardware("web-2", "B")).await;
    let path = format!("/agents/{}/adopt", old.agent_id);
    let adopt = |agent: &SimulatedAgent| json!({ "agent_id": agent.agent_id });

    let technician = server.person(&[allow("technician")]).await;
    technician.post(&path, adopt(&other)).await.problem(403, "forbidden");
    let denied = server.person(&[allow("technician"), deny("commands.run").on_client(&client)]).await;
    denied.post(&path, adopt(&same)).await.problem(403, "not_yours_to_give");
    assert_eq!(admin.all("/agents", 50).await.len(), 3, "nothing is gone");

    // who may do both by themselves may, and each place hears of its own
    technician.post(&path, adopt(&same)).await.ok();
    let of = async |action: &str| admin.all(&format!("/audit-events?action={action}"), 50).await;
    assert_eq!(of("agent.adopted").await[0]["agent_id"], json!(old.agent_id));
    let merged = &of("agent.merged").await[0];
    assert_eq!((&merged["agent_id"], &merged["client_id"]), (&json!(same.agent_id), &client["id"]));
    server.stop().await;
}

#[tokio::test]
async fn the_older_record_does_not_go_up_in_the_newer() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let old = enrol(&server, &key(&admin, false).await, on_hardware("web-1", "A")).await;
    server.clock.advance(jiff::SignedDuration::from_secs(1));
    let new = enrol(&server, &key(&admin, false).await, on_hardware("web-1", "A")).await;
    let body = json!({ "agent_id": old.agent_id });
    admin.post(&format!("/agents/{}/adopt", new.agent_id), body).await.problem(422, "validation_failed");
    server.stop().await;
}
