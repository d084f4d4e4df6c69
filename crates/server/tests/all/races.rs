//! Two who want the same at the same time, and changes that change nothing.

use futures_util::FutureExt as _;
use gururmm_server_testkit::{SimulatedAgent, TestServer};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};

fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_machine_that_enrols_while_its_site_is_deleted_is_refused() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let site = id(&admin.post("/sites", json!({ "client_id": client["id"], "name": "Office" })).await.created());
    let key = admin.post("/site-keys", json!({ "site_id": site, "name": "Tills" })).await.created();
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute(AssertSqlSafe(format!("begin; select from sites where id = '{site}' for update"))).await.unwrap();
    let (origin, key) = (server.origin.clone(), key["key"].as_str().unwrap().to_owned());
    let enrolling = tokio::spawn(async move { SimulatedAgent::enrol(&origin, &key, "web-1").await.map(drop) });
    server.db.wait_for_blocked().await;
    owner.execute(AssertSqlSafe(format!("delete from sites where id = '{site}'; commit"))).await.unwrap();
    let refused = enrolling.await.unwrap().unwrap_err().to_string();
    assert!(refused.contains("site_key_invalid"), "{refused}");
    server.stop().await;
}

#[tokio::test]
async fn who_has_to_give_way_is_asked_to_try_again() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await.agent_id;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let site = id(&admin.post("/sites", json!({ "client_id": client["id"], "name": "Office" })).await.created());
    let mut owner = server.db.connect("gururmm_owner").await;
    // only the request looks for a deadlock, so it is the one that gives way
    owner.execute("set deadlock_timeout = '10min'").await.unwrap();
    owner.execute(AssertSqlSafe(format!("begin; select from sites where id = '{site}' for update"))).await.unwrap();
    let moving =
        tokio::spawn(async move { admin.patch(&format!("/agents/{agent}"), json!({ "site_id": site })).await });
    server.db.wait_for_blocked().await;
    owner.execute(AssertSqlSafe(format!("select from agents where id = '{agent}' for update; commit"))).await.unwrap();
    let answer = moving.await.unwrap();
    assert_eq!(answer.headers["retry-after"], "1");
    let problem = answer.problem(503, "unavailable");
    assert!(problem["detail"].as_str().unwrap().contains("same moment"), "{problem}");
    server.stop().await;
}

#[tokio::test]
async fn of_two_changes_at_once_the_second_tells_what_the_first_has_made() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let client = id(&admin.post("/clients", json!({ "name": "First" })).await.created());
    let mut owner = server.db.connect("gururmm_owner").await;
    owner
        .execute(AssertSqlSafe(format!("begin; update clients set name = 'Second' where id = '{client}'")))
        .await
        .unwrap();
    let renaming = tokio::spawn({
        let admin = admin.clone();
        async move { admin.patch(&format!("/clients/{client}"), json!({ "name": "Third" })).await }
    });
    server.db.wait_for_blocked().await;
    owner.execute("commit").await.unwrap();
    renaming.await.unwrap().ok();
    let events = admin.get("/audit-events?action=client.updated").await.ok();
    assert_eq!(events["items"][0]["detail"]["before"]["name"], "Second");
    server.stop().await;
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_no_trace() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await.agent_id;
    let client = admin.post("/clients", json!({ "name": "Example" })).await.created();
    let site = admin.post("/sites", json!({ "client_id": client["id"], "name": "Office" })).await.created();
    let events = admin.all("/audit-events", 200).await.len();
    server.clock.advance(jiff::SignedDuration::from_hours(1));
    for (path, body) in [
        (format!("/clients/{}", id(&client)), json!({ "name": " Example ", "kind": "corporate" })),
        (format!("/sites/{}", id(&site)), json!({ "name": "Office" })),
        (format!("/agents/{agent}"), json!({ "display_name": null })),
    ] {
        let before = admin.get(&path).await.ok();
        for body in [json!({}), body] {
            assert_eq!(admin.patch(&path, body).await.ok(), before);
        }
        assert_eq!(admin.get(&path).await.ok(), before);
    }
    assert_eq!(admin.all("/audit-events", 200).await.len(), events);
    server.stop().await;
}

/// A page that is left while it loads gives up its request in any moment.
#[tokio::test]
async fn a_transaction_that_is_given_up_while_it_begins_leaves_none_open() {
    let server = TestServer::start().await;
    let db = &server.app().db;
    let mut owner = server.db.connect("gururmm_owner").await;
    for polls in [1, 2, 3, 4, 2, 2, 3, 3] {
        let mut beginning = Box::pin(db.begin_lookup());
        for _ in 0..polls {
            if (&mut beginning).now_or_never().is_some() {
                break;
            }
            // as long as the answer to what it has sent takes
            owner.execute("select 1").await.unwrap();
        }
    }
    let open = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
    let mut left = i64::MAX;
    for _ in 0..2_000 {
        left = sqlx::query_scalar(open).fetch_one(&mut owner).await.unwrap();
        if left == 0 {
            break;
        }
    }
    assert_eq!(left, 0, "connections in transactions that nobody ends");
    server.stop().await;
}
