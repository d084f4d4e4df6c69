//! The audit log as a file.

use gururmm_server_testkit::{TestServer, allow};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_file_holds_what_the_list_shows_and_tells_of_itself() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for name in ["One", "Two", "Three"] {
        admin.post("/clients", json!({ "name": name })).await.created();
    }
    let listed = admin.all("/audit-events", 2).await;
    let answer = admin.get("/audit-events/export?format=json").await;
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    let disposition = header("content-disposition");
    assert!(disposition.starts_with("attachment; filename=\"audit-20") && disposition.ends_with(".json\""));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(answer.ok(), Value::Array(listed), "the same rows in the same order, without the saving itself");

    let some = admin.get("/audit-events/export?format=json&action=client.created&search=two").await.ok();
    assert_eq!(some.as_array().unwrap().len(), 1);
    assert_eq!(admin.get("/audit-events/export?format=json&search=nothing%20like%20it").await.ok(), json!([]));
    let told = admin.all("/audit-events?action=audit.exported", 50).await;
    assert_eq!(told.len(), 3);
    assert_eq!(
        told[1]["detail"],
        json!({ "format": "json", "filter": { "action": "client.created", "search": "two" } })
    );
    assert_eq!(told[1]["summary"], "Technician One saved the audit log as a file (json)");
    server.stop().await;
}

#[tokio::test]
async fn a_file_longer_than_a_page_is_whole() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    sqlx::query(
        "insert into audit_events (id, org_id, occurred_at, actor_kind, action, target_name)
         select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, (select org_id from setup_state), now(), 'system', 'client.created', n::text
         from generate_series(1, 2500) n",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let all = admin.get("/audit-events/export?format=json&action=client.created&search=created").await.ok();
    let mut names: Vec<u32> =
        all.as_array().unwrap().iter().filter_map(|event| event["target_name"].as_str()?.parse().ok()).collect();
    names.reverse();
    assert_eq!(names, (1..=2500).collect::<Vec<u32>>());
    let csv = admin.get("/audit-events/export?format=csv&action=client.created").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.text.lines().count(), all.as_array().unwrap().len() + 1);
    assert_eq!(csv.text.matches("Summary").count(), 1);
    server.stop().await;
}

#[tokio::test]
async fn no_cell_of_the_file_is_a_formula() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for name in ["=1+1", "a;=1+1", "a|@x", "+1", "-1"] {
        admin.post("/clients", json!({ "name": name })).await.created();
    }
    let csv = admin.get("/audit-events/export?format=csv&action=client.created").await;
    assert!(csv.headers["content-disposition"].to_str().unwrap().ends_with(".csv\""));
    for written in ["\"'=1+1\"", "\"a;'=1+1\"", "\"a|'@x\"", "\"'+1\"", "\"'-1\""] {
        assert!(csv.text.contains(&format!(",{written},")), "{written} in {}", csv.text);
    }
    assert!(csv.text.starts_with('\u{feff}'));
    server.stop().await;
}

#[tokio::test]
async fn a_kind_of_file_that_there_is_not_is_refused() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for query in ["", "?format=html", "?format=csv&limit=1", "?format=csv&after=x", "?format=csv&from=x"] {
        admin.get(&format!("/audit-events/export{query}")).await.problem(400, "invalid_request");
    }
    assert!(admin.all("/audit-events?action=audit.exported", 50).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_file_holds_what_its_reader_may_save_and_no_more() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let here = admin.post("/clients", json!({ "name": "Here" })).await.created();
    admin.post("/clients", json!({ "name": "There" })).await.created();
    let reader = server.person(&[allow("audit.view"), allow("audit.export").on_client(&here)]).await;
    assert!(reader.all("/audit-events", 50).await.len() > 4, "they see all of it");
    let saved = reader.get("/audit-events/export?format=json").await.ok();
    let names: Vec<_> = saved.as_array().unwrap().iter().map(|event| event["target_name"].clone()).collect();
    assert_eq!(names, [json!("Here")]);
    let viewer = server.person(&[allow("audit.view").on_client(&here)]).await;
    viewer.get("/audit-events/export?format=json").await.problem(403, "forbidden");
    viewer.get("/audit-chain").await.problem(403, "forbidden");
    assert_eq!(viewer.all("/audit-events", 50).await.len(), 1);
    server.stop().await;
}

/// Thirty megabytes: more than lies between a server and a reader who does not read.
#[tokio::test]
async fn who_may_not_any_more_gets_no_more_of_the_file() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let mut owner = server.db.connect("gururmm_owner").await;
    sqlx::query(
        "insert into audit_events (id, org_id, occurred_at, actor_kind, action, target_name, detail)
         select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, (select org_id from setup_state), now(), 'system', 'client.created', n::text,
                jsonb_build_object('x', repeat('x', 1000))
         from generate_series(1, 30000) n",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    for is_by_grant in [true, false] {
        let reader = server.person(&[allow("audit.export")]).await;
        let mut answer = reader.request(Method::GET, "/api/audit-events/export?format=csv").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut size = answer.chunk().await.unwrap().expect("the file has begun").len();
        if is_by_grant {
            let grant = admin.get(&format!("/users/{}", reader.id)).await.ok()["grants"][0]["id"].clone();
            admin.delete(&format!("/grants/{}", grant.as_str().unwrap())).await.no_content();
        } else {
            reader.post("/auth/logout", json!({})).await.no_content();
        }
        let broken = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => size += chunk.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broken && size < 30_000_000, "broken: {broken}, {size} bytes came");
    }
    server.stop().await;
}
