//! Saved views: private to their owner, or shared with everybody of the organisation.

use gururmm_server_testkit::{TestServer, allow};
use serde_json::{Value, json};

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect()
}

fn at(view: &Value) -> String {
    format!("/saved-views/{}", view["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_view_is_kept_changed_and_deleted() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    assert_eq!(admin.get("/saved-views").await.ok()["items"], json!([]));
    let view = json!({ "name": " Law ", "search": { "search": "law", "sort": "os" }, "columns": { "hostname": true } });
    let made = admin.post("/saved-views", view).await.created();
    assert_eq!((&made["name"], &made["is_shared"], &made["is_own"]), (&json!("Law"), &json!(false), &json!(true)));
    assert_eq!(admin.get("/saved-views").await.ok()["items"], json!([made]));
    admin.post("/saved-views", json!({ "name": "LAW" })).await.problem(409, "name_taken");
    assert_eq!(admin.patch(&at(&made), json!({ "name": "Law" })).await.ok(), made, "nothing has changed");
    let change = json!({ "name": "Lawyers", "is_shared": true, "search": {}, "columns": { "tags": true } });
    let changed = admin.patch(&at(&made), change).await.ok();
    assert_eq!((&changed["search"], &changed["columns"]), (&json!({}), &json!({ "tags": true })));
    let event = &admin.get("/audit-events?action=saved_view.updated").await.ok()["items"][0];
    let summary = event["summary"].as_str().unwrap();
    assert!(summary.contains("is shared false → true, name Law → Lawyers"), "{summary}");
    admin.delete(&at(&made)).await.no_content();
    admin.delete(&at(&made)).await.problem(404, "saved_view_not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_private_view_is_its_owners_alone_and_a_shared_one_everybodys_to_open() {
    let server = TestServer::start().await;
    let owner = server.administrator().await;
    let one = server.person(&[allow("technician")]).await;
    let other = server.person(&[allow("viewer")]).await;
    let private = one.post("/saved-views", json!({ "name": "Private" })).await.created();
    let shared = one.post("/saved-views", json!({ "name": "Shared", "is_shared": true })).await.created();
    assert_eq!(names(&one.get("/saved-views").await.ok()), ["Private", "Shared"]);
    for person in [&owner, &other.api] {
        assert_eq!(names(&person.get("/saved-views").await.ok()), ["Shared"]);
        person.patch(&at(&private), json!({ "name": "Mine" })).await.problem(404, "saved_view_not_found");
        person.delete(&at(&private)).await.problem(404, "saved_view_not_found");
    }
    let listed = other.get("/saved-views").await.ok();
    assert_eq!(listed["items"][0]["is_own"], false);
    other.patch(&at(&shared), json!({ "name": "Mine" })).await.problem(403, "forbidden");
    other.delete(&at(&shared)).await.problem(403, "forbidden");
    // another may have the same name
    other.post("/saved-views", json!({ "name": "Private" })).await.created();

    // who may change the organisation's settings tidies up, and takes nothing for themselves
    owner.patch(&at(&shared), json!({ "is_shared": false })).await.problem(422, "validation_failed");
    assert_eq!(owner.patch(&at(&shared), json!({ "name": "Ours" })).await.ok()["is_own"], false);
    assert_eq!(names(&one.get("/saved-views").await.ok()), ["Ours", "Private"]);
    one.patch(&at(&shared), json!({ "is_shared": false })).await.ok();
    assert_eq!(names(&owner.get("/saved-views").await.ok()), [""; 0]);
    one.patch(&at(&shared), json!({ "is_shared": true })).await.ok();
    owner.delete(&at(&shared)).await.no_content();

    let stranger = server.stranger().await;
    let foreign = server.client_of(&stranger);
    assert_eq!(foreign.get("/saved-views").await.ok()["items"], json!([]));
    foreign.patch(&at(&private), json!({ "name": "Theirs" })).await.problem(404, "saved_view_not_found");
    server.stop().await;
}

/// The policy, and not only the statements.
#[tokio::test]
async fn the_database_shows_a_private_view_to_its_owner_only() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let one = server.person(&[allow("technician")]).await;
    one.post("/saved-views", json!({ "name": "Private" })).await.created();
    let org = admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().to_owned();
    let mut app = server.db.connect("gururmm_app").await;
    for (user, seen) in [(one.id.to_string(), 1), (String::new(), 0), (uuid::Uuid::nil().to_string(), 0)] {
        let mut tx = sqlx::Connection::begin(&mut app).await.unwrap();
        let enter = "select set_config('app.org', $1, true), set_config('app.user', $2, true)";
        sqlx::query(enter).bind(&org).bind(&user).execute(&mut *tx).await.unwrap();
        for sql in [
            "select count(*) from saved_views",
            "with gone as (delete from saved_views returning 1) select count(*) from gone",
        ] {
            let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut *tx).await.unwrap();
            assert_eq!(count, seen, "{sql} as {user:?}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_view_is_bounded() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for wrong in [
        json!({ "name": "" }),
        json!({ "name": "x".repeat(81) }),
        json!({ "name": "x", "search": { "search": "x".repeat(9_000) } }),
        json!({ "name": "x", "search": { "search": "a\u{0}b" } }),
        json!({ "name": "x", "columns": { "a\u{0}b": true } }),
    ] {
        admin.post("/saved-views", wrong).await.problem(422, "validation_failed");
    }
    for wrong in [
        json!({}),
        json!({ "name": "x", "search": [] }),
        json!({ "name": "x", "search": { "limit": 5 } }),
        json!({ "name": "x", "columns": { "name": "yes" } }),
        json!({ "name": "x", "org_id": "y" }),
    ] {
        admin.post("/saved-views", wrong).await.problem(400, "invalid_request");
    }
    for number in 0..100 {
        admin.post("/saved-views", json!({ "name": format!("View {number}") })).await.created();
    }
    admin.post("/saved-views", json!({ "name": "More" })).await.problem(409, "saved_view_limit_reached");
    server.stop().await;
}
