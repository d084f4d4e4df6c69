//! Every operation of the API × every kind of caller.
//!
//! The list comes from the OpenAPI document, where each operation names the permission that it needs: one that is added without thought,
//! or that asks for another than it says, fails here.

use gururmm_server::platform::auth::{Permission, PermissionSet};
use gururmm_server_testkit::{Answer, ApiClient, TestServer, allow, deny};
use reqwest::StatusCode;
use serde_json::json;

use crate::operations::{Operation, operations};
use crate::things::{self, Things};

/// Permissions that no operation asks for by itself: they widen what others do, or their operations are not there yet.
const WITHOUT_OPERATION: &[&str] = &["owners.edit", "api_keys.edit"];

async fn call(caller: &ApiClient, operation: &Operation, things: &Things) -> Answer {
    if operation.id == "event_stream" {
        return open_stream(caller).await;
    }
    caller.send(operation.method.clone(), &things.path(operation), things.body(operation)).await
}

/// The stream does not end: only its beginning is an answer.
async fn open_stream(caller: &ApiClient) -> Answer {
    let response = caller.request(reqwest::Method::GET, "/api/events").send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = if status == StatusCode::OK { String::new() } else { response.text().await.unwrap() };
    Answer { json: serde_json::from_str(&text).unwrap_or_default(), status, headers, text }
}

/// Everything but a permission and what implies it, as the names of a role.
fn all_but(permission: Permission) -> String {
    let without = |held: &&Permission| !PermissionSet::of(&[**held]).closed().has(permission);
    let names: Vec<_> = Permission::ALL.iter().filter(without).map(|held| held.as_str()).collect();
    names.join(" ")
}

/// A role of these permissions lives as long as the test.
fn kept(names: String) -> &'static str {
    Box::leak(names.into_boxed_str())
}

#[test]
fn every_permission_is_some_operations() {
    let asked: Vec<_> = operations().into_iter().map(|operation| operation.permission).collect();
    for permission in Permission::ALL.iter().map(|permission| permission.as_str()) {
        let is_asked = asked.iter().any(|asked| asked == permission);
        assert_ne!(is_asked, WITHOUT_OPERATION.contains(&permission), "{permission}");
    }
}

#[tokio::test]
async fn every_operation_needs_the_permission_that_it_names() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "Kept").await;
    let before = admin.get("/audit-events?limit=1&outcome=done").await.ok()["items"][0]["id"].clone();
    for operation in operations().iter().filter(|operation| operation.needs_permission()) {
        let permission = Permission::named(&operation.permission).unwrap();
        let lacking = server.person(&[allow(kept(all_but(permission)))]).await;
        call(&lacking, operation, &things).await.problem(403, "forbidden");
        let denied = server.person(&[allow("administrator"), deny(permission.as_str())]).await;
        call(&denied, operation, &things).await.problem(403, "forbidden");
        let nothing = server.person(&[]).await;
        call(&nothing, operation, &things).await.problem(403, "forbidden");
    }
    assert_eq!(
        admin.get("/audit-events?limit=1&outcome=done").await.ok()["items"][0]["id"],
        before,
        "nothing was changed"
    );
    server.stop().await;
}

#[tokio::test]
async fn the_permission_that_an_operation_names_is_enough_to_read() {
    is_enough_for(|operation| !operation.changes()).await;
}

#[tokio::test]
async fn the_permission_that_an_operation_names_is_enough_to_change() {
    is_enough_for(Operation::changes).await;
}

async fn is_enough_for(are_these: impl Fn(&Operation) -> bool) {
    let all = operations();
    let these: Vec<_> = all.iter().filter(|operation| operation.needs_permission() && are_these(operation)).collect();
    // of some things an organisation has no room for one for each operation
    for some in these.chunks(40) {
        permission_is_enough(some).await;
    }
}

async fn permission_is_enough(operations: &[&Operation]) {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for (number, operation) in operations.iter().enumerate() {
        let things = Things::make(&server, &admin, &format!("Example {number}")).await;
        let holder = server.person(&[allow(kept(operation.permission.clone()))]).await;
        let answer = call(&holder, operation, &things).await;
        assert_ne!(answer.json["code"], "forbidden", "{}: {}", operation.id, answer.text);
        assert!(!answer.status.is_server_error() && answer.status != StatusCode::NOT_FOUND, "{}", answer.text);
        things::undo(&admin, operation).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_session_that_has_ended_opens_nothing() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "Kept").await;
    let (expired, revoked) = (server.person(&[allow("owner")]).await, server.person(&[allow("owner")]).await);
    let (suspended, nobody) = (server.person(&[allow("administrator")]).await, server.anonymous());
    let forged = ApiClient::new(&server.origin, revoked.token.clone().map(|token| format!("{token}x")));
    revoked.post("/auth/logout", json!({})).await.no_content();
    admin.patch(&format!("/users/{}", suspended.id), json!({ "status": "suspended" })).await.ok();
    let mut owner = server.db.connect("gururmm_owner").await;
    let end = "update auth_sessions set expires_at = now() - interval '1 hour' where id = $1";
    sqlx::query(end).bind(expired.session_id.as_uuid()).execute(&mut owner).await.unwrap();
    for operation in operations().iter().filter(|operation| !operation.is_public()) {
        for (who, caller) in [
            ("nobody", &nobody),
            ("an expired session", &expired.api),
            ("a revoked session", &revoked.api),
            ("a suspended person", &suspended.api),
            ("a forged token", &forged),
        ] {
            let answer = call(caller, operation, &things).await;
            assert_eq!(answer.status, 401, "{who} calls {}: {}", operation.id, answer.text);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn who_works_for_another_client_finds_nothing_of_this_one() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let (ours, theirs) = (Things::make(&server, &admin, "Ours").await, Things::make(&server, &admin, "Theirs").await);
    let elsewhere = server.person(&[allow("administrator").on_client(&theirs.client)]).await;
    let of_site = server.person(&[allow("administrator").on_site(&theirs.site)]).await;
    let denied = server.person(&[allow("administrator"), deny("administrator").on_client(&ours.client)]).await;
    let secrets = [ours.agent.agent_id.to_string(), ours.command.clone(), ours.site["id"].to_string()];
    for operation in operations().iter().filter(|operation| operation.needs_permission()) {
        let is_of_organisation = operation.permission.starts_with("users.")
            || operation.permission.starts_with("roles.")
            || operation.permission.starts_with("api_keys.")
            || operation.permission.starts_with("organisation.")
            || operation.permission == "commands.stop_all"
            || operation.permission == "scripts.edit"
            || operation.permission == "scripts.approve";
        for (who, caller) in [("elsewhere", &elsewhere), ("at a site", &of_site), ("denied here", &denied)] {
            if is_of_organisation && who == "denied here" {
                continue; // what is asked of the organisation is not denied by a client
            }
            let answer = call(caller, operation, &ours).await;
            let name = format!("{} by somebody {who}: {} {}", operation.id, answer.status, answer.text);
            assert!(secrets.iter().all(|id| !answer.text.contains(id.trim_matches('"'))), "{name}");
            match answer.status.as_u16() {
                403 => assert!(is_of_organisation || !operation.path.contains("{id}"), "{name}"),
                404 | 422 => {}
                // scripts are of the organisation as a whole, for whoever may see them anywhere
                200 if operation.permission == "scripts.view" || operation.id == "script_preview" => {}
                200 => assert!(!operation.changes() && !operation.path.contains("{id}"), "{name}"),
                201 => assert!(operation.id == "client_create" && who == "denied here", "{name}"),
                _ => panic!("{name}"),
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn the_built_in_roles_do_what_they_say_and_nothing_else() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "Kept").await;
    for role in ["viewer", "script_runner", "technician"] {
        let person = server.person(&[allow(role)]).await;
        let held = person.get("/auth/me").await.ok()["permissions"].clone();
        let held: Vec<_> = held.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        for operation in operations().iter().filter(|operation| operation.needs_permission()) {
            if held.contains(&operation.permission.as_str()) {
                if !operation.changes() {
                    call(&person, operation, &things).await.ok();
                }
            } else {
                call(&person, operation, &things).await.problem(403, "forbidden");
            }
        }
    }
    let viewer = server.person(&[allow("viewer")]).await;
    for hidden in ["/site-keys", "/commands", "/audit-events", "/users", "/roles"] {
        viewer.get(hidden).await.problem(403, "forbidden");
    }
    server.stop().await;
}
