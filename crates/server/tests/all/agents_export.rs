//! The list of machines as a file.

use gururmm_server_testkit::{TestServer, allow};
use serde_json::json;

use crate::things::Things;

#[tokio::test]
async fn the_file_holds_the_rows_and_columns_of_the_view_in_its_order() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let field = admin.post("/custom-fields", json!({ "name": "Rack", "kind": "text" })).await.created();
    let rack = field["id"].as_str().unwrap();
    for name in ["web-2", "db-1", "web-1"] {
        let agent = server.enrol(&admin, name).await;
        let change = json!({ "tags": ["b", "A"], "custom_fields": { rack: format!("of {name}") } });
        admin.patch(&format!("/agents/{}", agent.agent_id), change).await.ok();
    }
    let query = format!("search=web&tag=a&sort=name&order=desc&columns=name,tags,field.{rack},status");
    let answer = admin.get(&format!("/agents/export?{query}")).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"machines-20") && disposition.ends_with(".csv\""));
    assert_eq!(
        answer.text,
        "\u{feff}Name,Tags,Rack,Status\r\nweb-2,\"A, b\",of web-2,offline\r\nweb-1,\"A, b\",of web-1,offline\r\n"
    );
    let told = &admin.get("/audit-events?action=agent.exported").await.ok()["items"][0];
    assert_eq!(told["detail"], json!({ "count": 2, "filter": { "search": "web", "tag": "a" } }));
    assert_eq!(told["summary"], "Technician One saved a list of 2 machines as a file");
    let all = admin.get("/agents/export").await;
    assert!(all.text.starts_with("\u{feff}Name,Host name,Status,Client,Site,Tags,System,CPU,Memory,Disk,User,"));
    assert_eq!(all.text.lines().count(), 4);
    assert_eq!(admin.get("/agents/export?search=nothing&columns=name").await.text, "\u{feff}Name\r\n");
    server.stop().await;
}

#[tokio::test]
async fn a_view_longer_than_a_page_is_whole_and_no_cell_is_a_formula() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let agent = server.enrol(&admin, "web-1").await;
    let hostile = json!({ "display_name": "=1+1", "tags": ["@SUM(A1)"] });
    admin.patch(&format!("/agents/{}", agent.agent_id), hostile).await.ok();
    let mut owner = server.db.connect("gururmm_owner").await;
    let copies = "with copied as (
            insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version, arch, agent_version,
                                enrolled_at, created_at, updated_at)
                select gen_random_uuid(), org_id, client_id, site_id, gen_random_uuid(), public_key, key_hash, lpad(n::text, 5, '0'), os, os_name, os_version,
                       arch, agent_version, now(), now(), now()
                from agents, generate_series(1, 2500) n returning *)
        insert into agent_presence (agent_id, org_id, client_id, site_id, status_changed_at) select id, org_id, client_id, site_id, now() from copied";
    sqlx::query(copies).execute(&mut owner).await.unwrap();
    let file = admin.get("/agents/export?columns=hostname").await.text;
    let names: Vec<&str> = file.lines().skip(1).collect();
    assert_eq!(names.len(), 2501);
    assert!(names[..2500].is_sorted() && file.matches("Host name").count() == 1);
    assert_eq!(admin.get("/agents/export?columns=hostname&sort=cpu").await.text.lines().count(), 2502);
    let hostile = admin.get("/agents/export?search=web&columns=name,tags").await.text;
    assert!(hostile.ends_with("\"'=1+1\",\"'@SUM(A1)\"\r\n"), "{hostile}");
    server.stop().await;
}

#[tokio::test]
async fn a_file_holds_what_one_sees_and_nothing_else() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let ours = Things::make(&server, &admin, "ours").await;
    Things::make(&server, &admin, "theirs").await;
    let technician = server.person(&[allow("technician").on_client(&ours.client)]).await;
    assert_eq!(
        technician.get("/agents/export?columns=name").await.text,
        "\u{feff}Name\r\ncopied\r\ncuckoo\r\nours\r\nsecond\r\n"
    );
    server.person(&[]).await.get("/agents/export").await.problem(403, "forbidden");
    let foreign = server.client_of(&server.stranger().await);
    let field = format!("/agents/export?columns=name,field.{}", ours.custom_field);
    assert_eq!(foreign.get(&field).await.text, "\u{feff}Name,\r\n");
    for wrong in ["columns=secrets", "columns=field.x", "limit=5", "after=x", "tag=a%00b", "field=x"] {
        admin.get(&format!("/agents/export?{wrong}")).await.problem(400, "invalid_request");
    }
    server.stop().await;
}
