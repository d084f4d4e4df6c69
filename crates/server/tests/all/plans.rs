//! No question of one organisation reads the machines, commands or events of all: the database counts how many rows it read one after the
//! other, whatever the statements look like.

use std::collections::BTreeMap;

use gururmm_server_testkit::{ApiClient, TestDb, TestServer, allow};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};

/// Organisations beside ours, with as many machines as it.
const OTHERS: u32 = 24;
const MACHINES: u32 = 1_000;
/// Each question is asked so often: one that reads a table whole does so again.
const TIMES: u32 = 3;
const BIG: [&str; 6] = ["agents", "agent_presence", "agent_tags", "agent_field_values", "commands", "audit_events"];

/// Ten clients with a site each, and machines with commands and events, in ours and in the others.
fn fill(own: &str) -> String {
    format!(
        "insert into organisations (id, name, created_at) select gen_random_uuid(), 'Other ' || n, now() from generate_series(1, {OTHERS}) n;
         insert into clients select gen_random_uuid(), o.id, 'Client ' || n, 'corporate', now(), now()
             from organisations o, generate_series(1, 10) n where o.id = '{own}' or o.name like 'Other %';
         insert into sites select gen_random_uuid(), c.org_id, c.id, 'Site', now(), now() from clients c where c.name like 'Client %';
         insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version, arch,
                             agent_version, enrolled_at, created_at, updated_at, serial)
             select gen_random_uuid(), s.org_id, s.client_id, s.id, gen_random_uuid(), sha256('p'), sha256('k'), 'machine-' || n, 'linux', 'Debian',
                    '12', 'x86_64', '1', now(), now(), now(), 'SN-machine-' || n
             from sites s join clients c on c.id = s.client_id, generate_series(1, {MACHINES} / 10) n where c.name like 'Client %';
         insert into agent_presence (agent_id, org_id, client_id, site_id, status_changed_at, cpu_percent, logged_in_user, public_ip)
             select id, org_id, client_id, site_id, now(), random() * 100, 'user-' || hostname, '203.0.113.9' from agents;
         insert into agent_tags (org_id, client_id, site_id, agent_id, tag) select org_id, client_id, site_id, id, tag
             from agents, unnest(array['everywhere', 'of-' || hostname]) tag;
         insert into custom_fields select gen_random_uuid(), id, 'Rack', 'text', '{{}}', now(), now() from organisations;
         insert into agent_field_values (org_id, client_id, site_id, agent_id, field_id, value)
             select a.org_id, a.client_id, a.site_id, a.id, f.id, a.hostname from agents a join custom_fields f on f.org_id = a.org_id;
         insert into commands (id, org_id, client_id, site_id, agent_id, command_type, command, context, timeout_seconds, elevated,
                               on_disconnect, status, created_at, finished_at, ended_by, expires_at)
             select gen_random_uuid(), org_id, client_id, site_id, id, 'shell', 'uptime', 'system', 60, true, 'continue', 'completed', now(), now(),
                    'agent', now() from agents;
         insert into audit_events (id, org_id, occurred_at, actor_kind, action, target_kind, target_id, agent_id, client_id, site_id)
             select gen_random_uuid(), org_id, now(), 'system', 'agent.enrolled', 'agent', id, id, client_id, site_id from agents;
         analyze"
    )
}

/// Rows of the big tables that were read one after the other. What a server has read is counted when its connections have ended.
async fn read_one_after_the_other(db: &TestDb) -> BTreeMap<String, i64> {
    let counts = "select relname::text, seq_tup_read from pg_stat_user_tables where relname = any($1)";
    let mut owner = db.connect("gururmm_owner").await;
    let big: Vec<_> = BIG.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, i64)> = sqlx::query_as(counts).bind(big).fetch_all(&mut owner).await.unwrap();
    rows.into_iter().collect()
}

async fn ask_everything(who: &ApiClient, client: &Value, agent: &str) {
    let client = client["id"].as_str().unwrap();
    for question in [
        "/agents?count=true",
        "/agents?sort=cpu&order=desc",
        "/agents?sort=status",
        "/agents?sort=client",
        "/agents?sort=name&order=desc",
        "/agents?sort=os",
        "/agents?sort=site",
        "/agents?sort=memory",
        "/agents?sort=disk",
        "/agents?sort=last_seen",
        "/agents?sort=enrolled&order=desc",
        "/agents?state=active",
        "/agents?state=waiting",
        "/agents?search=sn-machine-77",
        "/agents?search=machine",
        "/agents?search=machine&sort=cpu",
        "/agents?search=machine-77",
        "/agents?search=user-machine-77",
        "/agents?search=203.0.113.9&limit=10",
        "/agents?os=linux&status=offline",
        "/agents?tag=everywhere&count=true",
        "/agents?tag=of-machine-7&sort=cpu",
        "/agents?search=of-machine-7",
        "/agents/export?search=machine-77",
        "/tags",
        "/custom-fields",
        "/agents/summary",
        "/commands",
        "/commands?status=completed",
        "/audit-events",
        "/audit-events?action=agent.enrolled",
        "/clients",
        "/sites",
    ] {
        who.get(question).await.ok();
    }
    let fields = who.get("/custom-fields").await.ok();
    who.get(&format!("/agents?field={}:machine-7", fields["items"][0]["id"].as_str().unwrap())).await.ok();
    for question in
        ["/agents?client_id=", "/agents/summary?client_id=", "/commands?client_id=", "/audit-events?client_id="]
    {
        who.get(&format!("{question}{client}")).await.ok();
    }
    for question in ["/commands?agent_id=", "/audit-events?agent_id="] {
        who.get(&format!("{question}{agent}")).await.ok();
    }
    let first = who.get("/agents?limit=50").await.ok();
    who.get(&format!("/agents?limit=50&after={}", first["next"].as_str().unwrap())).await.ok();
}

#[tokio::test]
async fn no_big_table_is_read_whole() {
    let mut server = TestServer::start().await;
    let admin = server.administrator().await;
    let own = admin.get("/auth/me").await.ok()["organisation"]["id"].as_str().unwrap().to_owned();
    let mut owner = server.db.connect("gururmm_owner").await;
    owner.execute(AssertSqlSafe(fill(&own))).await.unwrap();
    let clients = admin.get("/clients?search=Client").await.ok()["items"].clone();
    let agent = admin.get("/agents?limit=1").await.ok()["items"][0].clone();
    let role = "agents.view commands.view audit.view";
    let two = [allow(role).on_client(&clients[0]), allow(role).on_client(&clients[1])];
    let technician = server.person(&two).await;
    let theirs = technician.get("/agents?limit=1").await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(technician.get("/agents?count=true").await.ok()["count"], MACHINES / 5);
    // what was read until here is counted, and plans are made anew with what is known now
    server.restart().await;
    let before = read_one_after_the_other(&server.db).await;
    for _ in 0..TIMES {
        ask_everything(&admin, &clients[0], agent["id"].as_str().unwrap()).await;
        ask_everything(&technician, &clients[0], &theirs).await;
    }
    let patch = json!({ "display_name": "Renamed" });
    admin.patch(&format!("/agents/{}", agent["id"].as_str().unwrap()), patch).await.ok();
    server.server.take().unwrap().stop().await;
    let after = read_one_after_the_other(&server.db).await;
    for table in BIG {
        let read = after[table] - before[table];
        // once is no question's: a server that starts looks who counts as connected
        assert!(read < i64::from(2 * MACHINES * OTHERS), "{read} rows of {table} were read one after the other");
    }
}
