//! Every operation of the API, called by every kind of stranger.
//!
//! The list comes from the OpenAPI document, so an operation that is added without thought fails here.

use gururmm_server_testkit::{Link, TestServer, allow};
use reqwest::Method;
use serde_json::{Value, json};

/// Operations that are open to anybody, because they are how one becomes somebody.
const PUBLIC: &[&str] = &["setup_get", "setup_complete", "auth_login", "agent_enroll", "agent_unenroll"];

/// Operations with which everybody changes their own organisation.
const OWN: &[&str] = &["audit_retention_update", "client_create", "history_retention_update", "role_create"];

struct Operation {
    id: String,
    method: Method,
    path: String,
    takes_body: bool,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(gururmm_server::app::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            operations.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method,
                path: path.clone(),
                takes_body: operation.get("requestBody").is_some(),
            });
        }
    }
    operations
}

/// A body that gets past parsing, so that a refusal is about who asks and not about what.
fn body(id: &str, site_id: &Value, client_id: &Value) -> Value {
    match id {
        "command_run" => json!({ "command": "id" }),
        "agent_update" => json!({ "display_name": "Intruder" }),
        "user_update" => json!({ "status": "suspended" }),
        "grant_create" => json!({ "effect": "allow", "built_in": "viewer" }),
        "site_create" => json!({ "client_id": client_id, "name": "Intruder" }),
        "site_key_create" => json!({ "site_id": site_id, "name": "Intruder" }),
        _ => json!({ "name": "Intruder" }),
    }
}

#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    let id = "01900000-0000-7000-8000-000000000000";
    let operations = operations();
    assert!(operations.len() > 25, "the document is whole");
    for operation in operations.iter().filter(|operation| !PUBLIC.contains(&operation.id.as_str())) {
        let path = operation.path.replace("{id}", id);
        let sent = operation.takes_body.then(|| body(&operation.id, &json!(id), &json!(id)));
        nobody.send(operation.method.clone(), &path, sent).await.problem(401, "unauthenticated");
    }
    server.stop().await;
}

#[tokio::test]
async fn another_organisation_finds_nothing_of_ours() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let _link = Link::connect(&agent).await.unwrap();
    let command =
        admin.post(&format!("/agents/{}/command", agent.agent_id), json!({ "command": "id" })).await.accepted();
    let site = admin.get("/sites").await.ok()["items"][0].clone();
    let key = admin.get("/site-keys").await.ok()["items"][0].clone();
    let role = admin.post("/roles", json!({ "name": "Ours", "permissions": ["agents.view"] })).await.created();
    let person = server.person(&[allow("viewer")]).await;
    let grant = admin.get(&format!("/users/{}", person.id)).await.ok()["grants"][0].clone();
    let before = snapshot(&server).await;
    let stranger = server.stranger().await;
    let intruder = server.client_of(&stranger);

    for operation in operations().iter().filter(|operation| operation.path.contains("{id}") || operation.takes_body) {
        if PUBLIC.contains(&operation.id.as_str()) || OWN.contains(&operation.id.as_str()) {
            continue;
        }
        let id = match operation.id.split('_').next().unwrap() {
            "agent" => agent.agent_id.to_string(),
            "client" => site["client_id"].as_str().unwrap().to_owned(),
            "site" if operation.id.starts_with("site_key") => key["id"].as_str().unwrap().to_owned(),
            "site" => site["id"].as_str().unwrap().to_owned(),
            "command" if operation.path.starts_with("/api/agents") => agent.agent_id.to_string(),
            "command" => command["id"].as_str().unwrap().to_owned(),
            "user" => person.id.to_string(),
            "grant" if operation.path.starts_with("/api/users") => person.id.to_string(),
            "grant" => grant["id"].as_str().unwrap().to_owned(),
            "role" => role["id"].as_str().unwrap().to_owned(),
            other => panic!("say which id {other} takes"),
        };
        let path = operation.path.replace("{id}", &id);
        let sent = operation.takes_body.then(|| body(&operation.id, &site["id"], &site["client_id"]));
        let answer = intruder.send(operation.method.clone(), &path, sent).await;
        assert!(
            matches!(answer.status.as_u16(), 404 | 422),
            "{} answered {} {}",
            operation.id,
            answer.status,
            answer.text
        );
        assert!(!answer.text.contains("web-1"), "{}", operation.id);
    }
    let mine = [
        agent.agent_id.to_string(),
        command["id"].as_str().unwrap().to_owned(),
        site["id"].as_str().unwrap().to_owned(),
        person.id.to_string(),
        role["id"].as_str().unwrap().to_owned(),
    ];
    for list in [
        "/agents",
        "/clients",
        "/sites",
        "/site-keys",
        "/commands",
        "/audit-events",
        "/users",
        "/roles",
        "/agents?search=web",
        "/commands?search=id",
        "/agents/summary",
    ] {
        let text = intruder.get(list).await.ok().to_string();
        assert!(mine.iter().all(|id| !text.contains(id)) && !text.contains("web-1"), "{list} shows {text}");
    }
    assert_eq!(intruder.get("/agents/summary").await.ok()["total"], 0);
    assert_eq!(snapshot(&server).await, before, "nothing of ours was changed");
    server.stop().await;
}

/// Everything of the first organisation, as the owner sees it.
async fn snapshot(server: &TestServer) -> Vec<String> {
    let mut owner = server.db.connect("gururmm_owner").await;
    let mut rows = Vec::new();
    for table in ["clients", "sites", "site_keys", "agents", "commands", "memberships", "roles", "grants"] {
        let sql = format!("select t::text from {table} t where org_id = (select org_id from setup_state) order by 1");
        rows.extend(sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_all(&mut owner).await.unwrap());
    }
    rows
}

#[tokio::test]
async fn another_organisation_cannot_move_a_machine_into_or_out_of_ours() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let stranger = server.stranger().await;
    let moved = admin.patch(&format!("/agents/{}", agent.agent_id), json!({ "site_id": stranger.site_id })).await;
    assert!(matches!(moved.status.as_u16(), 404 | 422), "{}", moved.text);
    let created = admin.post("/sites", json!({ "client_id": stranger.client_id, "name": "Outpost" })).await;
    assert!(matches!(created.status.as_u16(), 404 | 422), "{}", created.text);
    let key = admin.post("/site-keys", json!({ "site_id": stranger.site_id, "name": "Outpost" })).await;
    assert!(matches!(key.status.as_u16(), 404 | 422), "{}", key.text);
    server.stop().await;
}
