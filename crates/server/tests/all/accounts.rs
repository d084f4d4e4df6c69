//! How people come to have an account and a membership, and what they change of it.

use gururmm_server_testkit::{ApiClient, EMAIL, PASSWORD, TestServer, allow, deny};
use jiff::SignedDuration;
use serde_json::{Value, json};

const INVITED: &str = "technician.two@example.com";
const OTHER_PASSWORD: &str = "another horse battery staple";

async fn invite(who: &ApiClient, email: &str, role: &str) -> Value {
    who.post("/invitations", json!({ "email": email, "grants": [{ "built_in": role }] })).await.created()
}

fn client(server: &TestServer, login: &Value) -> ApiClient {
    ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned))
}

fn registration(invitation: &Value) -> Value {
    json!({ "token": invitation["token"], "name": "Technician Two", "password": OTHER_PASSWORD })
}

#[tokio::test]
async fn an_invitation_works_once() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let invitation = invite(&admin, INVITED, "viewer").await;
    let url = invitation["url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/join#token={}", invitation["token"].as_str().unwrap())), "{url}");
    let nobody = server.anonymous();
    let peek = nobody.post("/auth/invitation", json!({ "token": invitation["token"] })).await.ok();
    assert_eq!((&peek["organisation_name"], &peek["email"]), (&json!("default"), &json!(INVITED)));
    assert_eq!((&peek["roles"], &peek["has_account"]), (&json!(["Viewer"]), &json!(false)));
    let login = nobody.post("/auth/register", registration(&invitation)).await.created();
    let me = client(&server, &login).get("/auth/me").await.ok();
    assert_eq!((&me["user"]["email"], &me["grants"][0]["built_in"]), (&json!(INVITED), &json!("viewer")));
    nobody.post("/auth/register", registration(&invitation)).await.problem(404, "invitation_not_found");
    nobody.post("/auth/invitation", json!({ "token": invitation["token"] })).await.problem(404, "invitation_not_found");
    nobody.post("/auth/login", json!({ "email": INVITED, "password": OTHER_PASSWORD })).await.ok();
    let list = admin.get("/invitations").await.ok();
    assert_eq!(
        (&list["items"][0]["state"], &list["items"][0]["grants"][0]["role_name"]),
        (&json!("accepted"), &json!("Viewer"))
    );
    assert!(!list.to_string().contains(invitation["token"].as_str().unwrap()), "it is shown once");
    let again = json!({ "email": INVITED.to_uppercase(), "grants": [{ "built_in": "viewer" }] });
    admin.post("/invitations", again).await.problem(409, "already_member");
    server.stop().await;
}

#[tokio::test]
async fn of_two_who_use_an_invitation_at_once_one_joins() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let invitation = invite(&admin, INVITED, "viewer").await;
    let (nobody, somebody) = (server.anonymous(), server.anonymous());
    let (one, other) = tokio::join!(
        nobody.post("/auth/register", registration(&invitation)),
        somebody.post("/auth/register", registration(&invitation)),
    );
    let mut codes = [one.status.as_u16(), other.status.as_u16()];
    codes.sort_unstable();
    assert!(matches!(codes, [201, 404 | 409]), "{} {}", one.text, other.text);
    assert_eq!(admin.get("/users").await.ok()["items"].as_array().unwrap().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn an_invitation_ends_by_time_by_hand_and_with_its_makers_rights() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let nobody = server.anonymous();
    let refused = async |invitation: &Value, status, code| {
        nobody.post("/auth/register", registration(invitation)).await.problem(status, code)
    };
    let revoked = invite(&admin, INVITED, "viewer").await;
    let twice = json!({ "email": INVITED, "grants": [{ "built_in": "viewer" }] });
    admin.post("/invitations", twice).await.problem(409, "invitation_open");
    admin.post(&format!("/invitations/{}/revoke", revoked["invitation"]["id"].as_str().unwrap()), json!({})).await.ok();
    refused(&revoked, 404, "invitation_not_found").await;
    let steward = server.person(&[allow("administrator")]).await;
    let steward_path = format!("/users/{}/grants", steward.id);
    let voided = invite(&steward, INVITED, "technician").await;
    let denied = admin.post(&steward_path, json!({ "effect": "deny", "built_in": "technician" })).await.created();
    refused(&voided, 409, "invitation_void").await;
    admin.delete(&format!("/grants/{}", denied["id"].as_str().unwrap())).await.no_content();
    admin.delete(&format!("/users/{}", steward.id)).await.no_content();
    refused(&voided, 409, "invitation_void").await;
    server.clock.advance(SignedDuration::from_hours(8 * 24));
    let admin =
        client(&server, &nobody.post("/auth/login", json!({ "email": EMAIL, "password": PASSWORD })).await.ok());
    refused(&voided, 404, "invitation_not_found").await;
    let list = admin.get("/invitations").await.ok();
    let states: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["expired", "revoked"]);
    invite(&admin, INVITED, "viewer").await;
    server.stop().await;
}

#[tokio::test]
async fn register_takes_nothing_but_an_invitation() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let invitation = invite(&admin, INVITED, "viewer").await;
    let nobody = server.anonymous();
    for token in [String::new(), "grmm_invite_".to_owned(), server.setup_token.clone(), admin.token.clone().unwrap()] {
        let body = json!({ "token": token, "name": "Nobody", "password": OTHER_PASSWORD });
        nobody.post("/auth/register", body).await.problem(404, "invitation_not_found");
    }
    for (name, password) in [("", OTHER_PASSWORD), ("Technician Two", "short"), ("Technician\u{0}", OTHER_PASSWORD)] {
        let body = json!({ "token": invitation["token"], "name": name, "password": password });
        nobody.post("/auth/register", body).await.problem(422, "validation_failed");
    }
    let chosen = json!({ "token": invitation["token"], "name": "x", "password": OTHER_PASSWORD, "email": EMAIL });
    nobody.post("/auth/register", chosen).await.problem(400, "invalid_request");
    assert_eq!(admin.get("/users").await.ok()["items"].as_array().unwrap().len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn one_person_in_two_organisations_sees_each_its_own() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    admin.post("/clients", json!({ "name": "Ours" })).await.created();
    let stranger = server.stranger().await;
    let foreign = server.client_of(&stranger);
    let invitation = invite(&foreign, EMAIL, "viewer").await;
    let nobody = server.anonymous();
    assert_eq!(
        nobody.post("/auth/invitation", json!({ "token": invitation["token"] })).await.ok()["has_account"],
        true
    );
    nobody.post("/auth/register", registration(&invitation)).await.problem(409, "account_exists");
    let other = server.person(&[allow("owner")]).await;
    other.post("/auth/accept", json!({ "token": invitation["token"] })).await.problem(409, "invitation_not_yours");
    let joined = admin.post("/auth/accept", json!({ "token": invitation["token"] })).await.ok();
    assert_eq!(joined["organisation_id"], stranger.org_id.to_string());
    let me = admin.get("/auth/me").await.ok();
    assert_eq!(me["organisations"].as_array().unwrap().len(), 2);
    server.clock.advance(SignedDuration::from_secs(1));
    let there = admin.post("/auth/switch", json!({ "organisation_id": stranger.org_id })).await.ok();
    admin.get("/auth/me").await.problem(401, "unauthenticated");
    let there = client(&server, &there);
    assert_eq!(there.get("/auth/me").await.ok()["permissions"].as_array().unwrap().len(), 4, "a viewer there");
    let clients = there.get("/clients").await.ok().to_string();
    assert!(clients.contains("Stranger client") && !clients.contains("Ours"), "{clients}");
    server.clock.advance(SignedDuration::from_secs(1));
    // without a word the organisation that was entered last, and each by name
    let login = async |organisation: Option<&str>| {
        let body = json!({ "email": EMAIL, "password": PASSWORD, "organisation_id": organisation });
        client(&server, &nobody.post("/auth/login", body).await.ok()).get("/auth/me").await.ok()["organisation"]["name"]
            .clone()
    };
    assert_eq!(login(None).await, "Stranger");
    assert_eq!(login(me["organisation"]["id"].as_str()).await, "default");
    let nowhere =
        json!({ "email": EMAIL, "password": PASSWORD, "organisation_id": "01900000-0000-7000-8000-000000000000" });
    nobody.post("/auth/login", nowhere.clone()).await.problem(401, "login_failed");
    there
        .post("/auth/switch", json!({ "organisation_id": nowhere["organisation_id"] }))
        .await
        .problem(404, "organisation_not_found");
    // who is put out of one stays in the other
    let user = me["user"]["id"].as_str().unwrap();
    foreign.delete(&format!("/users/{user}")).await.no_content();
    there.get("/auth/me").await.problem(401, "unauthenticated");
    assert_eq!(login(None).await, "default");
    server.stop().await;
}

#[tokio::test]
async fn no_organisation_sets_a_password_and_a_link_works_once() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let user = admin.get("/auth/me").await.ok()["user"]["id"].as_str().unwrap().parse().unwrap();
    let token = server.reset_link(user).await;
    let nobody = server.anonymous();
    let reset = json!({ "token": token, "password": OTHER_PASSWORD });
    nobody.post("/auth/reset", json!({ "token": token, "password": "short" })).await.problem(422, "validation_failed");
    nobody
        .post("/auth/reset", json!({ "token": "x", "password": OTHER_PASSWORD }))
        .await
        .problem(404, "reset_not_found");
    nobody.post("/auth/reset", reset.clone()).await.no_content();
    nobody.post("/auth/reset", reset).await.problem(404, "reset_not_found");
    admin.get("/auth/me").await.problem(401, "unauthenticated");
    nobody.post("/auth/login", json!({ "email": EMAIL, "password": PASSWORD })).await.problem(401, "login_failed");
    nobody.post("/auth/login", json!({ "email": EMAIL, "password": OTHER_PASSWORD })).await.ok();
    server.stop().await;
}

#[tokio::test]
async fn a_person_who_was_removed_comes_back_without_what_they_had() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let person = server.person(&[allow("administrator"), deny("commands.run")]).await;
    let key = json!({ "name": "Left behind", "permissions": ["agents.view"] });
    let key = person.post("/api-keys", key).await.created()["key"].as_str().unwrap().to_owned();
    let program = ApiClient::new(&server.origin, Some(key));
    program.get("/agents").await.ok();
    admin.delete(&format!("/users/{}", person.id)).await.no_content();
    admin.get(&format!("/users/{}", person.id)).await.problem(404, "user_not_found");
    program.get("/agents").await.problem(401, "unauthenticated");
    // as an invitation does
    let back = "update memberships set status = 'active' where user_id = $1";
    let mut owner = server.db.connect("gururmm_owner").await;
    sqlx::query(back).bind(person.id.as_uuid()).execute(&mut owner).await.unwrap();
    assert_eq!(admin.get(&format!("/users/{}", person.id)).await.ok()["grants"], json!([]));
    program.get("/agents").await.problem(401, "unauthenticated");
    server.stop().await;
}
