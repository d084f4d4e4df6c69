//! Who may give what, and touch whom.

use gururmm_server_testkit::{Person, TestServer, allow, deny};
use serde_json::{Value, json};

use crate::things::Things;

async fn own_id(person: &gururmm_server_testkit::ApiClient) -> String {
    person.get("/auth/me").await.ok()["user"]["id"].as_str().unwrap().to_owned()
}

fn grants(person: &Person) -> String {
    format!("/users/{}/grants", person.id)
}

#[tokio::test]
async fn nobody_grants_what_they_do_not_hold() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "ours").await;
    // who may give and take roles, and hold little else
    let steward = server.person(&[allow("users.edit roles.edit"), allow("viewer").on_client(&things.client)]).await;
    let somebody = server.person(&[]).await;
    for (what, given) in [
        ("a role above", json!({ "effect": "allow", "built_in": "technician", "client_id": things.client["id"] })),
        ("the same elsewhere", json!({ "effect": "allow", "built_in": "viewer" })),
        ("everything", json!({ "effect": "allow", "built_in": "owner" })),
        ("a role of the organisation's own", json!({ "effect": "allow", "role_id": things.role })),
    ] {
        let answer = steward.post(&grants(&somebody), given.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (403, &json!("not_yours_to_give")), "{what}");
        let answer = steward.post(&grants(&steward), given).await;
        assert_eq!(answer.json["code"], "not_yours_to_give", "{what} to oneself");
    }
    let viewer = json!({ "effect": "allow", "built_in": "viewer", "client_id": things.client["id"] });
    steward.post(&grants(&somebody), viewer).await.created();
    let sees = json!({ "effect": "allow", "role_id": things.role, "client_id": things.client["id"] });
    steward.post(&grants(&somebody), sees).await.created();
    let role = json!({ "name": "Mine", "permissions": ["commands.run"] });
    steward.post("/roles", role).await.problem(403, "not_yours_to_give");
    let role = steward.post("/roles", json!({ "name": "Mine", "permissions": ["users.view"] })).await.created();
    let path = format!("/roles/{}", role["id"].as_str().unwrap());
    steward
        .patch(&path, json!({ "permissions": ["users.view", "commands.run"] }))
        .await
        .problem(403, "not_yours_to_give");
    admin.patch(&path, json!({ "permissions": ["users.view", "commands.run"] })).await.ok();
    steward.patch(&path, json!({ "name": "Taken over" })).await.problem(403, "not_yours_to_give");
    server.stop().await;
}

#[tokio::test]
async fn an_administrator_cannot_touch_an_owner() {
    let server = TestServer::start().await;
    let owner = server.administrator().await;
    let owner_id = own_id(&owner).await;
    let administrator = server.person(&[allow("administrator")]).await;
    let grant = owner.get(&format!("/users/{owner_id}")).await.ok()["grants"][0]["id"].as_str().unwrap().to_owned();
    let user = format!("/users/{owner_id}");
    administrator.patch(&user, json!({ "status": "suspended" })).await.problem(403, "above_you");
    administrator.delete(&user).await.problem(403, "above_you");
    administrator.post(&format!("{user}/sign-out"), json!({})).await.problem(403, "above_you");
    administrator.delete(&format!("/grants/{grant}")).await.problem(403, "above_you");
    let denied = json!({ "effect": "deny", "built_in": "viewer" });
    administrator.post(&format!("{user}/grants"), denied.clone()).await.problem(403, "above_you");
    administrator
        .post(&grants(&administrator), json!({ "effect": "allow", "built_in": "owner" }))
        .await
        .problem(403, "not_yours_to_give");
    owner.post(&format!("{user}/grants"), denied).await.problem(409, "owner_denied");
    server.stop().await;
}

#[tokio::test]
async fn a_deny_wins_whatever_allows_and_taking_it_away_is_giving() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "ours").await;
    let technician = server.person(&[allow("technician"), allow("administrator"), deny("commands.run")]).await;
    let path = format!("/agents/{}/command", things.agent.agent_id);
    technician.post(&path, json!({ "command": "id" })).await.problem(403, "forbidden");
    let access = admin.get(&format!("/users/{}/access", technician.id)).await.ok();
    let denied = access["grants"].as_array().unwrap().iter().find(|grant| grant["effect"] == "deny").unwrap().clone();
    let run = decision(&access, "commands.run");
    assert_eq!((run["is_allowed"].as_bool(), &run["because"]), (Some(false), &json!([denied["id"]])));
    let view = decision(&access, "commands.view");
    assert_eq!((view["is_allowed"].as_bool(), view["because"].as_array().unwrap().len()), (Some(true), 2));
    let deny = format!("/grants/{}", denied["id"].as_str().unwrap());
    technician.delete(&deny).await.problem(403, "above_you");
    admin.delete(&deny).await.no_content();
    technician.post(&path, json!({ "command": "id" })).await.accepted();
    server.stop().await;
}

fn decision(access: &Value, permission: &str) -> Value {
    let is_it = |decision: &&Value| decision["permission"] == permission;
    access["decisions"].as_array().unwrap().iter().find(is_it).unwrap().clone()
}

#[tokio::test]
async fn why_is_told_for_every_place() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "ours").await;
    let technician = server
        .person(&[allow("technician").on_client(&things.client), deny("agents.view").on_site(&things.site)])
        .await;
    let ask = async |query: String| technician.get(&format!("/users/{}/access{query}", technician.id)).await.ok();
    let (client, site) = (things.client["id"].as_str().unwrap(), things.site["id"].as_str().unwrap());
    assert_eq!(decision(&ask(String::new()).await, "agents.view")["is_allowed"], false);
    assert_eq!(decision(&ask(format!("?client_id={client}")).await, "commands.run")["is_allowed"], true);
    let here = ask(format!("?site_id={site}")).await;
    assert_eq!(decision(&here, "agents.view")["is_allowed"], false);
    assert_eq!(decision(&here, "commands.run")["is_allowed"], false, "who runs commands sees the machine");
    assert_eq!(here["grants"][0]["client_name"], "ours");
    // about others one asks with the right to see people
    let other = server.person(&[allow("technician")]).await;
    other.get(&format!("/users/{}/access", technician.id)).await.problem(403, "forbidden");
    admin
        .get(&format!("/users/{}/access?site_id=01900000-0000-7000-8000-000000000000", other.id))
        .await
        .problem(400, "invalid_request");
    server.stop().await;
}

#[tokio::test]
async fn the_last_owner_cannot_be_removed_or_leave() {
    let server = TestServer::start().await;
    let first = server.administrator().await;
    let first_id = own_id(&first).await;
    let grant = first.get(&format!("/users/{first_id}")).await.ok()["grants"][0]["id"].as_str().unwrap().to_owned();
    first.delete(&format!("/grants/{grant}")).await.problem(409, "last_owner");
    first.delete(&format!("/users/{first_id}")).await.problem(409, "last_owner");
    first.get("/auth/me").await.ok();
    let second = server.person(&[allow("owner")]).await;
    second.patch(&format!("/users/{first_id}"), json!({ "status": "suspended" })).await.ok();
    first.get("/auth/me").await.problem(401, "unauthenticated");
    second.delete(&format!("/users/{}", second.id)).await.problem(409, "last_owner");
    second.patch(&format!("/users/{first_id}"), json!({ "status": "active" })).await.ok();
    second.delete(&format!("/users/{}", second.id)).await.no_content();
    second.get("/auth/me").await.problem(401, "unauthenticated");
    server.stop().await;
}

#[tokio::test]
async fn two_owners_who_remove_each_other_leave_one() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let id = own_id(&admin).await;
    for round in 0..10 {
        let (one, other) = (server.person(&[allow("owner")]).await, server.person(&[allow("owner")]).await);
        if round == 0 {
            one.delete(&format!("/users/{id}")).await.no_content();
        }
        let (one_path, other_path) = (format!("/users/{}", one.id), format!("/users/{}", other.id));
        let everybody = one.all("/users", 200).await;
        for user in everybody {
            let id = user["id"].as_str().unwrap();
            if id != one.id.to_string() && id != other.id.to_string() {
                one.delete(&format!("/users/{id}")).await.no_content();
            }
        }
        let (first, second) = tokio::join!(one.delete(&other_path), other.delete(&one_path));
        let done = [&first, &second].iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(done, 1, "{} {}", first.text, second.text);
    }
    server.stop().await;
}

#[tokio::test]
async fn roles_are_named_once_and_stay_while_somebody_has_them() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let role = json!({ "name": "Helpdesk", "description": "Looks", "permissions": ["commands.view", "commands.view"] });
    let created = admin.post("/roles", role.clone()).await.created();
    assert_eq!(created["permissions"], json!(["commands.view"]));
    admin.post("/roles", role).await.problem(409, "name_taken");
    admin.post("/roles", json!({ "name": "OWNER", "permissions": ["agents.view"] })).await.problem(409, "name_taken");
    for wrong in [json!([]), json!(["agents.fly"])] {
        admin.post("/roles", json!({ "name": "Wrong", "permissions": wrong })).await.problem(422, "validation_failed");
    }
    let path = format!("/roles/{}", created["id"].as_str().unwrap());
    let somebody = server.person(&[]).await;
    let given = json!({ "effect": "allow", "role_id": created["id"] });
    let grant = admin.post(&grants(&somebody), given.clone()).await.created();
    admin.post(&grants(&somebody), given).await.problem(409, "grant_exists");
    somebody.get("/commands").await.ok();
    somebody.get("/audit-events").await.problem(403, "forbidden");
    admin.patch(&path, json!({ "permissions": ["audit.view"] })).await.ok();
    somebody.get("/commands").await.problem(403, "forbidden");
    somebody.get("/audit-events").await.ok();
    admin.delete(&path).await.problem(409, "role_in_use");
    admin.delete(&format!("/grants/{}", grant["id"].as_str().unwrap())).await.no_content();
    somebody.get("/audit-events").await.problem(403, "forbidden");
    admin.delete(&path).await.no_content();
    let roles = admin.get("/roles").await.ok();
    assert_eq!(roles["items"].as_array().unwrap().len(), 5);
    assert_eq!((&roles["items"][0]["built_in"], &roles["items"][0]["user_count"]), (&json!("owner"), &json!(1)));
    server.stop().await;
}

#[tokio::test]
async fn a_lost_grant_is_felt_within_a_second_on_an_open_stream() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let viewer = server.person(&[allow("viewer")]).await;
    let grant = admin.get(&format!("/users/{}", viewer.id)).await.ok()["grants"][0]["id"].clone();
    let mut events = viewer.events("").await;
    let began = std::time::Instant::now();
    admin.delete(&format!("/grants/{}", grant.as_str().unwrap())).await.no_content();
    events.wait_for("access_changed", |_| true).await;
    assert!(events.next().await.is_none(), "the stream ends, and is opened anew with what is left");
    assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
    viewer.get("/agents").await.problem(403, "forbidden");
    server.stop().await;
}

/// A deny of what others imply holds all of that back: to take it away is to give all of that.
#[tokio::test]
async fn who_may_do_little_takes_no_deny_from_who_may_do_much() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let held_back = server.person(&[allow("administrator"), deny("viewer")]).await;
    let steward = server.person(&[allow("users.edit roles.edit"), allow("viewer")]).await;
    let grants = admin.get(&format!("/users/{}", held_back.id)).await.ok()["grants"].clone();
    let denied = grants.as_array().unwrap().iter().find(|grant| grant["effect"] == "deny").unwrap().clone();
    steward.delete(&format!("/grants/{}", denied["id"].as_str().unwrap())).await.problem(403, "above_you");
    // nor by the role that is denied
    let role = admin.post("/roles", json!({ "name": "Held back", "permissions": ["agents.view"] })).await.created();
    let given = json!({ "effect": "deny", "role_id": role["id"] });
    admin.post(&format!("/users/{}/grants", held_back.id), given).await.created();
    let path = format!("/roles/{}", role["id"].as_str().unwrap());
    steward.patch(&path, json!({ "permissions": ["sites.view"] })).await.problem(403, "above_you");
    admin.patch(&path, json!({ "permissions": ["sites.view"] })).await.ok();
    server.stop().await;
}

#[tokio::test]
async fn an_invitation_is_revoked_by_who_may_give_what_it_gives() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let invited = json!({ "email": "owner@example.com", "grants": [{ "built_in": "owner" }] });
    let invitation = admin.post("/invitations", invited).await.created();
    let path = format!("/invitations/{}/revoke", invitation["invitation"]["id"].as_str().unwrap());
    let steward = server.person(&[allow("administrator")]).await;
    steward.post(&path, json!({})).await.problem(403, "not_yours_to_give");
    assert_eq!(admin.post(&path, json!({})).await.ok()["state"], "revoked");
    server.stop().await;
}
