//! Tags: given, found by, counted, and seen only where their machine is.

use gururmm_server_testkit::{SimulatedAgent, TestServer, allow};
use serde_json::{Value, json};

use crate::things::Things;

fn path(agent: &SimulatedAgent) -> String {
    format!("/agents/{}", agent.agent_id)
}

fn hostnames(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["hostname"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_machine_gets_its_tags_as_they_are_typed_and_told_apart_without_regard_to_case() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let before = admin.get(&path(&agent)).await.ok();
    assert_eq!((&before["tags"], &before["custom_fields"]), (&json!([]), &json!({})));
    let tagged = admin.patch(&path(&agent), json!({ "tags": ["Web", " tier 1 ", "WEB"] })).await.ok();
    assert_eq!(tagged["tags"], json!(["tier 1", "Web"]), "by name");
    assert_eq!(admin.get("/agents").await.ok()["items"][0]["tags"], json!(["tier 1", "Web"]));
    let events = admin.all("/audit-events?action=agent.updated", 10).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["summary"], "Technician One changed the machine web-1: tags nothing → Web, tier 1");

    // the same again changes nothing, another spelling does
    let again = admin.patch(&path(&agent), json!({ "tags": ["tier 1", "Web"] })).await.ok();
    assert_eq!(again["updated_at"], tagged["updated_at"]);
    assert_eq!(admin.patch(&path(&agent), json!({ "tags": ["web"] })).await.ok()["tags"], json!(["web"]));
    assert_eq!(admin.all("/audit-events?action=agent.updated", 10).await.len(), 2);
    admin.patch(&path(&agent), json!({ "tags": [] })).await.ok();
    assert_eq!(admin.get("/tags").await.ok(), json!({ "items": [] }));
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_tag_is_refused() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let many: Vec<String> = (0..21).map(|number| format!("tag-{number}")).collect();
    for wrong in [
        json!([""]),
        json!(["a,b"]),
        json!(["a\u{0}b"]),
        json!(["\u{200b}"]),
        json!(["x".repeat(41)]),
        json!(many),
        json!(vec!["x"; 10_000]),
    ] {
        let problem = admin.patch(&path(&agent), json!({ "tags": wrong })).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], "tags");
    }
    for wrong in [json!("web"), json!([1]), json!([null])] {
        admin.patch(&path(&agent), json!({ "tags": wrong })).await.problem(400, "invalid_request");
    }
    admin.patch(&path(&agent), json!({ "tags": many[1..] })).await.ok();
    server.stop().await;
}

#[tokio::test]
async fn machines_are_found_by_their_tags() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    for (name, tags) in
        [("web-1", json!(["Web", "Tier 1"])), ("web-2", json!(["web"])), ("db-1", json!(["100%", "tier 1"]))]
    {
        let agent = server.enrol(&admin, name).await;
        admin.patch(&path(&agent), json!({ "tags": tags })).await.ok();
    }
    for (query, found) in [
        ("tag=WEB", &["web-1", "web-2"][..]),
        ("tag=web,tier%201", &["web-1"]),
        ("tag=web,web", &["web-1", "web-2"]),
        ("tag=we", &[]),
        ("tag=,", &["db-1", "web-1", "web-2"]),
        ("tag=tier%201&sort=cpu", &["db-1", "web-1"]),
        ("tag=tier%201&status=offline&os=linux", &["db-1", "web-1"]),
        ("search=ier", &["db-1", "web-1"]),
        ("search=100%25", &["db-1"]),
        ("search=web&tag=tier%201", &["web-1"]),
    ] {
        let page = admin.get(&format!("/agents?count=true&{query}")).await.ok();
        let mut names = hostnames(&page);
        names.sort_unstable();
        assert_eq!(names, found, "{query}");
        assert_eq!(page["count"], found.len(), "{query}");
    }
    let tags = admin.get("/tags").await.ok();
    assert_eq!(tags["items"][1], json!({ "tag": "Tier 1", "agent_count": 2 }));
    assert_eq!(tags["items"].as_array().unwrap().len(), 3);
    assert_eq!(admin.get("/tags?search=IER").await.ok()["items"].as_array().unwrap().len(), 1);
    admin.get("/agents?tag=a%00b").await.problem(400, "invalid_request");
    server.stop().await;
}

#[tokio::test]
async fn a_tag_that_very_many_machines_have_pages_to_the_end() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let mut owner = server.db.connect("gururmm_owner").await;
    let copies = "with copied as (
            insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version, arch, agent_version,
                                enrolled_at, created_at, updated_at)
                select gen_random_uuid(), org_id, client_id, site_id, gen_random_uuid(), public_key, key_hash, 'copy-' || n, os, os_name, os_version, arch,
                       agent_version, now(), now(), now()
                from agents, generate_series(1, 1500) n returning *),
        present as (insert into agent_presence (agent_id, org_id, client_id, site_id, status_changed_at)
                        select id, org_id, client_id, site_id, now() from copied)
        insert into agent_tags (org_id, client_id, site_id, agent_id, tag) select org_id, client_id, site_id, id, 'Everywhere' from copied";
    sqlx::query(copies).execute(&mut owner).await.unwrap();
    admin.patch(&path(&agent), json!({ "tags": ["rare", "everywhere"] })).await.ok();
    for (query, count) in [("tag=everywhere", 1501), ("tag=everywhere,rare", 1), ("search=verywher", 1501)] {
        for sort in ["name", "cpu"] {
            let all = admin.all(&format!("/agents?{query}&sort={sort}"), 200).await;
            assert_eq!(all.len(), count, "{query}");
        }
        assert_eq!(admin.get(&format!("/agents?{query}&count=true&limit=1")).await.ok()["count"], count);
    }
    server.stop().await;
}

#[tokio::test]
async fn tags_are_given_and_seen_only_where_one_may() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let ours = Things::make(&server, &admin, "ours").await;
    let theirs = Things::make(&server, &admin, "theirs").await;
    for (things, tag) in [(&ours, "ours"), (&theirs, "theirs")] {
        admin.patch(&path(&things.agent), json!({ "tags": [tag, "both"] })).await.ok();
    }
    let technician = server.person(&[allow("technician").on_client(&ours.client)]).await;
    assert_eq!(
        technician.get("/tags").await.ok()["items"],
        json!([{ "tag": "both", "agent_count": 1 }, { "tag": "ours", "agent_count": 1 }])
    );
    assert_eq!(hostnames(&technician.get("/agents?tag=both").await.ok()), ["ours"]);
    assert!(hostnames(&technician.get("/agents?tag=theirs").await.ok()).is_empty());
    assert!(hostnames(&technician.get("/agents?search=heir").await.ok()).is_empty(), "a search has its owner's eyes");
    let change = json!({ "tags": ["mine"] });
    technician.patch(&path(&theirs.agent), change.clone()).await.problem(404, "agent_not_found");
    technician.patch(&path(&ours.agent), change.clone()).await.ok();
    let viewer = server.person(&[allow("viewer")]).await;
    viewer.patch(&path(&ours.agent), change).await.problem(403, "forbidden");
    assert_eq!(viewer.get("/tags?search=theirs").await.ok()["items"].as_array().unwrap().len(), 1);

    // tags follow their machine to another client, and end with it
    admin.patch(&path(&ours.agent), json!({ "site_id": theirs.site["id"], "tags": ["moved"] })).await.ok();
    assert_eq!(technician.get("/tags").await.ok()["items"], json!([]));
    admin.patch(&path(&ours.agent), json!({ "site_id": ours.site["id"] })).await.ok();
    assert_eq!(technician.get("/tags").await.ok()["items"], json!([{ "tag": "moved", "agent_count": 1 }]));
    admin.delete(&path(&ours.agent)).await.no_content();
    assert_eq!(technician.get("/tags").await.ok()["items"], json!([]));
    server.stop().await;
}
