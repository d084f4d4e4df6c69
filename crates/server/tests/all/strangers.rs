//! Every operation of the API, called by every kind of stranger.
//!
//! The list comes from the OpenAPI document, so an operation that is added without thought fails here.

use gururmm_server_testkit::{Link, TestServer};
use serde_json::json;

use crate::operations::operations;
use crate::things::Things;

/// Operations with which everybody changes their own organisation.
const OWN: &[&str] = &[
    "api_key_create",
    "audit_retention_update",
    "client_create",
    "command_run_preview",
    "command_stop_all",
    "custom_field_create",
    "history_retention_update",
    "invitation_create",
    "organisation_update",
    "role_create",
    "script_create",
    "script_import",
];

#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    let id = "01900000-0000-7000-8000-000000000000";
    for operation in operations().iter().filter(|operation| !operation.is_public()) {
        let path = operation.path.replace("{id}", id);
        // a body that cannot be read: who asks is asked first
        let sent = operation.takes_body.then(|| json!({ "nonsense": 1 }));
        nobody.send(operation.method.clone(), &path, sent).await.problem(401, "unauthenticated");
    }
    server.stop().await;
}

#[tokio::test]
async fn another_organisation_finds_nothing_of_ours() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "web-1").await;
    let _link = Link::connect(&things.agent).await.unwrap();
    let before = snapshot(&server).await;
    let stranger = server.stranger().await;
    let intruder = server.client_of(&stranger);

    for operation in operations().iter().filter(|operation| operation.path.contains("{id}") || operation.takes_body) {
        let is_own = operation.permission == "own" && !operation.path.contains("{id}");
        if operation.is_public() || is_own || OWN.contains(&operation.id.as_str()) {
            continue;
        }
        let answer = intruder.send(operation.method.clone(), &things.path(operation), things.body(operation)).await;
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
        things.agent.agent_id.to_string(),
        things.command.clone(),
        things.site["id"].as_str().unwrap().to_owned(),
        things.person.id.to_string(),
        things.role.clone(),
    ];
    for list in [
        "/agents",
        "/clients",
        "/sites",
        "/site-keys",
        "/commands",
        "/command-runs",
        "/scripts",
        "/schedules",
        "/audit-events",
        "/users",
        "/roles",
        "/invitations",
        "/api-keys",
        "/agents?search=web",
        "/tags",
        "/custom-fields",
        "/saved-views",
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
    for table in [
        "clients",
        "sites",
        "site_keys",
        "agents",
        "commands",
        "command_runs",
        "scripts",
        "schedules",
        "memberships",
        "roles",
        "grants",
        "invitations",
        "api_keys",
    ] {
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
