//! Several organisations on one server: their limits, and the operators who run it for them.

use gururmm_server_testkit::{ApiClient, PASSWORD, Person, SimulatedAgent, TestServer, allow};
use serde_json::{Value, json};

use crate::operations::operations;
use crate::things::Things;

async fn operator(server: &TestServer) -> Person {
    let person = server.person(&[]).await;
    server.make_operator(person.id).await;
    person
}

/// A new organisation, and its first owner.
async fn organisation(server: &TestServer, operator: &ApiClient, limits: Value) -> (String, ApiClient) {
    let new = json!({ "name": "Second", "owner_email": "owner@example.com", "limits": limits });
    let created = operator.post("/platform/organisations", new).await.created();
    let (_, token) = created["url"].as_str().unwrap().split_once("#token=").unwrap();
    let body = json!({ "token": token, "name": "Technician Five", "password": PASSWORD });
    let login = server.anonymous().post("/auth/register", body).await.created();
    let owner = ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned));
    (created["id"].as_str().unwrap().to_owned(), owner)
}

async fn site_key(owner: &ApiClient) -> String {
    let client = owner.post("/clients", json!({ "name": "Client" })).await.created();
    let site = owner.post("/sites", json!({ "client_id": client["id"], "name": "Site" })).await.created();
    let key = owner.post("/site-keys", json!({ "site_id": site["id"], "name": "Key" })).await.created();
    key["key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_operator_makes_an_organisation_and_sees_no_row_of_any() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "ours").await;
    let operator = operator(&server).await;
    assert_eq!(operator.get("/auth/me").await.ok()["is_operator"], true);
    for operation in operations().iter().filter(|operation| operation.needs_permission()) {
        let answer = operator.send(operation.method.clone(), &things.path(operation), things.body(operation)).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (403, &json!("forbidden")), "{}", operation.id);
    }
    let (id, owner) = organisation(&server, &operator, json!({})).await;
    assert_eq!(owner.get("/auth/me").await.ok()["grants"][0]["built_in"], "owner");
    assert_eq!(owner.get("/clients").await.ok()["items"], json!([]), "nothing of the first");
    let list = operator.all("/platform/organisations", 1).await;
    assert!(list.iter().any(|organisation| organisation["id"] == id.as_str()));
    let text = json!(list).to_string();
    assert!(!text.contains("ours") && !text.contains("@example.com"), "{text}");
    let told = owner.get("/audit-events?action=organisation.created").await.ok();
    assert_eq!(told["items"][0]["actor_name"], "Technician Three");
    server.stop().await;
}

#[tokio::test]
async fn no_request_makes_an_operator() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let things = Things::make(&server, &admin, "ours").await;
    let key = admin.post("/api-keys", json!({ "name": "Key", "permissions": ["agents.view"] })).await.created();
    let program = ApiClient::new(&server.origin, key["key"].as_str().map(str::to_owned));
    for operation in operations().iter().filter(|operation| operation.permission == "operator") {
        for caller in [&admin, &program] {
            let answer = caller.send(operation.method.clone(), &things.path(operation), things.body(operation)).await;
            answer.problem(404, "not_found");
        }
    }
    let mut app = server.db.connect("gururmm_app").await;
    for forged in [
        "select platform_update_organisation(gen_random_uuid(), ''::bytea, (select setup_find()).org_id, true, 1, 1, 2, true, null, null, now())",
        "select * from platform_organisations(gen_random_uuid(), ''::bytea, null, null, 10, now())",
        "insert into platform_operators values (gen_random_uuid(), now())",
        "update organisations set agents_max = null",
    ] {
        assert!(sqlx::query(sqlx::AssertSqlSafe(forged)).execute(&mut app).await.is_err(), "{forged}");
    }
    server.stop().await;
}

#[tokio::test]
async fn limits_hold_under_a_rush() {
    let server = TestServer::start().await;
    server.administrator().await;
    let operator = operator(&server).await;
    let (_, owner) = organisation(&server, &operator, json!({ "agents_max": 3, "users_max": 2 })).await;
    let key = site_key(&owner).await;
    let enrol = |number: usize| {
        let (origin, key) = (server.origin.clone(), key.clone());
        async move { SimulatedAgent::enrol(&origin, &key, &format!("machine-{number}")).await }
    };
    let enrolled = futures_util::future::join_all((0..8).map(enrol)).await;
    assert_eq!(enrolled.iter().filter(|result| result.is_ok()).count(), 3);
    let refusal = enrolled.into_iter().find_map(Result::err).unwrap().to_string();
    assert!(refusal.contains("agent_limit_reached") || refusal.contains("as many machines"), "{refusal}");
    let invitations = futures_util::future::join_all((0..4).map(|number| {
        let body = json!({ "email": format!("person{number}@example.com"), "grants": [{ "built_in": "viewer" }] });
        owner.post("/invitations", body)
    }))
    .await;
    let joined = futures_util::future::join_all(invitations.into_iter().map(|invitation| async {
        let body = json!({ "token": invitation.created()["token"], "name": "Technician Six", "password": PASSWORD });
        server.anonymous().post("/auth/register", body).await
    }))
    .await;
    let codes: Vec<_> = joined.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(codes.iter().filter(|code| **code == 201).count(), 1, "{codes:?}");
    assert!(
        joined.iter().filter(|answer| answer.status != 201).all(|answer| answer.json["code"] == "user_limit_reached")
    );
    let organisation = owner.get("/organisation").await.ok();
    assert_eq!((&organisation["agent_count"], &organisation["user_count"]), (&json!(3), &json!(2)));
    server.stop().await;
}

#[tokio::test]
async fn a_suspended_organisation_lets_nobody_in_and_is_resumed() {
    let server = TestServer::start().await;
    server.administrator().await;
    let operator = operator(&server).await;
    let (id, owner) = organisation(&server, &operator, json!({})).await;
    let key = site_key(&owner).await;
    let api_key = owner.post("/api-keys", json!({ "name": "Key", "permissions": ["agents.view"] })).await.created();
    let program = ApiClient::new(&server.origin, api_key["key"].as_str().map(str::to_owned));
    program.get("/agents").await.ok();
    let path = format!("/api/platform/organisations/{id}");
    let set = async |body: Value| operator.send(reqwest::Method::PUT, &path, Some(body)).await;
    set(json!({ "limits": { "users_max": 9 } })).await.no_content();
    let invited = json!({ "email": "late@example.com", "grants": [{ "built_in": "viewer" }] });
    let invitation = owner.post("/invitations", invited).await.created();
    set(json!({ "suspended": true })).await.no_content();
    let join = json!({ "token": invitation["token"], "name": "Technician Six", "password": PASSWORD });
    server.anonymous().post("/auth/register", join).await.problem(409, "invitation_void");
    assert_eq!(
        operator.all("/platform/organisations", 200).await.iter().find(|org| org["id"] == id.as_str()).unwrap()["users_max"],
        9
    );
    owner.get("/auth/me").await.problem(401, "unauthenticated");
    program.get("/agents").await.problem(401, "unauthenticated");
    let login = json!({ "email": "owner@example.com", "password": PASSWORD });
    server.anonymous().post("/auth/login", login.clone()).await.problem(401, "login_failed");
    SimulatedAgent::enrol(&server.origin, &key, "goes-on").await.unwrap();
    set(json!({ "limits": { "retention_days_max": 5 }, "suspended": false })).await.no_content();
    let login = server.anonymous().post("/auth/login", login).await.ok();
    let owner = ApiClient::new(&server.origin, login["token"].as_str().map(str::to_owned));
    assert_eq!(owner.get("/history/retention").await.ok()["kept"]["hours_days"], 5);
    owner.patch("/history/retention", json!({ "hours_days": 6 })).await.problem(400, "invalid_request");
    let told = owner.get("/audit-events?action=organisation.limits_changed").await.ok();
    let told = told["items"].as_array().unwrap();
    assert!(told.iter().any(|event| event["detail"]["after"]["retention_days_max"] == 5), "{told:?}");
    for wrong in [json!({ "users_max": 0 }), json!({ "agents_max": -1 }), json!({ "retention_days_max": 1 })] {
        set(json!({ "limits": wrong })).await.problem(422, "validation_failed");
    }
    let nowhere = "/api/platform/organisations/01900000-0000-7000-8000-000000000000";
    let answer = operator.send(reqwest::Method::PUT, nowhere, Some(json!({ "limits": {} }))).await;
    answer.problem(404, "organisation_not_found");
    server.stop().await;
}

#[tokio::test]
async fn an_owner_names_their_organisation() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    assert_eq!(
        admin.patch("/organisation", json!({ "name": "Example Services" })).await.ok()["name"],
        "Example Services"
    );
    assert_eq!(admin.get("/auth/me").await.ok()["organisation"]["name"], "Example Services");
    admin.patch("/organisation", json!({ "name": " " })).await.problem(422, "validation_failed");
    server
        .person(&[allow("viewer")])
        .await
        .patch("/organisation", json!({ "name": "x" }))
        .await
        .problem(403, "forbidden");
    server.stop().await;
}
