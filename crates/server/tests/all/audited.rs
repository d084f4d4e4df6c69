//! Every operation that changes something leaves its row in the audit log.
//!
//! The list comes from the OpenAPI document: an operation that is added without a row, or without an example here, fails.

use ed25519_dalek::Signer as _;
use gururmm_protocol::enroll::{EnrollRequest, UnenrollRequest};
use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, Person, SimulatedAgent, TestServer, facts};
use reqwest::Method;
use serde_json::{Value, json};

/// How an operation is called, and which row it must leave.
struct Example {
    id: String,
    body: Value,
    action: &'static str,
}

/// Something for every operation to work on.
struct Things {
    client: String,
    site: String,
    site_key: Value,
    agent: SimulatedAgent,
    command: String,
    person: Person,
    role: String,
    grant: String,
}

/// Operations that change something: name, method, path.
fn operations() -> Vec<(String, Method, String)> {
    let document = serde_json::to_value(gururmm_server::app::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            if method != Method::GET && operation.is_object() {
                operations.push((operation["operationId"].as_str().unwrap().to_owned(), method, path.clone()));
            }
        }
    }
    operations
}

async fn things(server: &TestServer, admin: &ApiClient, name: &str) -> Things {
    let id = |created: &Value| created["id"].as_str().unwrap().to_owned();
    let client = id(&admin.post("/clients", json!({ "name": name })).await.created());
    let site = id(&admin.post("/sites", json!({ "client_id": client, "name": name })).await.created());
    let site_key = admin.post("/site-keys", json!({ "site_id": site, "name": name })).await.created();
    let agent = server.enrol(admin, name).await;
    let command = admin.post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "id" })).await;
    let role = admin.post("/roles", json!({ "name": name, "permissions": ["agents.view"] })).await.created();
    let person = server.person(&[]).await;
    let grant = json!({ "effect": "allow", "built_in": "viewer" });
    let grant = admin.post(&format!("/users/{}/grants", person.id), grant).await.created();
    let (role, grant) = (id(&role), id(&grant));
    Things { client, site, site_key, agent, command: id(&command.accepted()), person, role, grant }
}

fn example(server: &TestServer, operation: &str, things: &Things) -> Example {
    let of = |id: &str, body: Value, action| Example { id: id.to_owned(), body, action };
    let (agent, person) = (things.agent.agent_id.to_string(), things.person.id.to_string());
    let key_id = things.site_key["site_key"]["id"].as_str().unwrap();
    match operation {
        "auth_login" => of("", json!({ "email": EMAIL, "password": PASSWORD }), "session.opened"),
        "auth_logout" => of("", json!({}), "session.closed"),
        "client_create" => of("", json!({ "name": "New" }), "client.created"),
        "client_update" => of(&things.client, json!({ "name": "Renamed" }), "client.updated"),
        "client_delete" => of(&things.client, json!({}), "client.deleted"),
        "site_create" => of("", json!({ "client_id": things.client, "name": "New" }), "site.created"),
        "site_update" => of(&things.site, json!({ "name": "Renamed" }), "site.updated"),
        "site_delete" => of(&things.site, json!({}), "site.deleted"),
        "site_key_create" => of("", json!({ "site_id": things.site, "name": "New" }), "site_key.created"),
        "site_key_revoke" => of(key_id, json!({}), "site_key.revoked"),
        "audit_retention_update" => of("", json!({ "days": 100 }), "audit.retention_changed"),
        "history_retention_update" => of("", json!({ "hours_days": 100 }), "history.retention_changed"),
        "user_update" => of(&person, json!({ "status": "suspended" }), "user.suspended"),
        "user_remove" => of(&person, json!({}), "user.removed"),
        "user_sign_out" => of(&person, json!({}), "user.signed_out"),
        "grant_create" => of(&person, json!({ "effect": "allow", "built_in": "technician" }), "grant.created"),
        "grant_delete" => of(&things.grant, json!({}), "grant.deleted"),
        "role_create" => of("", json!({ "name": "New", "permissions": ["agents.view"] }), "role.created"),
        "role_update" => of(&things.role, json!({ "name": "Renamed" }), "role.updated"),
        "role_delete" => of(&things.role, json!({}), "role.deleted"),
        "agent_enroll" => of("", enrolment(things), "agent.enrolled"),
        "agent_unenroll" => of("", departure(server, &things.agent), "agent.unenrolled"),
        "agent_update" => of(&agent, json!({ "display_name": "Renamed" }), "agent.updated"),
        "agent_delete" => of(&agent, json!({}), "agent.deleted"),
        "command_run" => of(&agent, json!({ "command": "id" }), "command.created"),
        "command_cancel" => of(&things.command, json!({}), "command.cancel_requested"),
        other => panic!("say how {other} is called and which audit row it leaves"),
    }
}

fn enrolment(things: &Things) -> Value {
    let public_key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes();
    let site_key = things.site_key["key"].as_str().unwrap().to_owned();
    let device_id = gururmm_ids::DeviceId::generate();
    serde_json::to_value(EnrollRequest { site_key, device_id, public_key, facts: facts("new") }).unwrap()
}

fn departure(server: &TestServer, agent: &SimulatedAgent) -> Value {
    let at = server.app().clock.now();
    let bytes = gururmm_protocol::handshake::unenroll_bytes(agent.agent_id, agent.device_id, at);
    let signature = agent.key.sign(&bytes).to_bytes();
    serde_json::to_value(UnenrollRequest { agent_id: agent.agent_id, device_id: agent.device_id, at, signature })
        .unwrap()
}

async fn rows(server: &TestServer, action: &str) -> i64 {
    let mut owner = server.db.connect("gururmm_owner").await;
    let count = "select count(*) from audit_events where action = $1";
    sqlx::query_scalar(count).bind(action).fetch_one(&mut owner).await.unwrap()
}

#[tokio::test]
async fn every_operation_that_changes_something_leaves_its_row() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    assert_eq!(rows(&server, "setup.completed").await, 1);
    let operations = operations();
    assert!(operations.len() > 15, "the document is whole");
    for (number, (operation, method, path)) in operations.iter().enumerate() {
        if operation == "setup_complete" {
            continue; // counted above: it works once
        }
        let things = things(&server, &admin, &format!("Example {number}")).await;
        if operation == "client_delete" {
            admin.delete(&format!("/sites/{}", things.site)).await.no_content();
        }
        let example = example(&server, operation, &things);
        let login = server.anonymous().post("/auth/login", json!({ "email": EMAIL, "password": PASSWORD })).await.ok();
        let technician = ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned));
        let before = rows(&server, example.action).await;
        let body = (*method != Method::DELETE).then_some(example.body);
        let answer = technician.send(method.clone(), &path.replace("{id}", &example.id), body).await;
        assert!(answer.status.is_success(), "{operation}: {}", answer.text);
        assert_eq!(rows(&server, example.action).await, before + 1, "{operation} leaves one {}", example.action);
    }
    every_action_has_words(&server).await;
    server.stop().await;
}

/// An action that is added without a sentence fails here.
async fn every_action_has_words(server: &TestServer) {
    let mut owner = server.db.connect("gururmm_owner").await;
    let actions: Vec<String> =
        sqlx::query_scalar("select distinct action from audit_events").fetch_all(&mut owner).await.unwrap();
    assert!(actions.len() > 15, "{actions:?}");
    for action in &actions {
        assert!(gururmm_server::features::audit::words::actions().any(|known| known == action), "{action} has no words");
    }
}

#[tokio::test]
async fn what_the_server_makes_at_its_first_start_is_told_as_its_own_doing() {
    let mut server = TestServer::start().await;
    server.restart().await;
    server.setup_token = server.server.as_ref().unwrap().first_start.setup_token.clone().unwrap();
    let admin = server.administrator().await;
    let events = admin.all("/audit-events", 200).await;
    let own: Vec<&str> = events
        .iter()
        .rev()
        .filter(|event| event["actor_kind"] == "system" && event["actor_id"].is_null())
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert_eq!(own, ["organisation.created", "client.created", "site.created", "site_key.created", "site_key.renewed"]);
    server.stop().await;
}

#[tokio::test]
async fn keys_that_end_with_their_site_are_named() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let site = admin.post("/sites", json!({ "client_id": client["id"], "name": "Office" })).await.created();
    admin.post("/site-keys", json!({ "site_id": site["id"], "name": "Tills" })).await.created();
    admin.delete(&format!("/sites/{}", site["id"].as_str().unwrap())).await.no_content();
    let events = admin.get("/audit-events?action=site.deleted").await.ok();
    assert_eq!(events["items"][0]["detail"]["site_keys"], json!(["Tills"]));
    server.stop().await;
}
