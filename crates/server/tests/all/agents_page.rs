//! What the functions of the list find and count is what row-level security lets through, whoever asks for whatever in whichever order.

use std::collections::BTreeSet;

use gururmm_server_testkit::{ApiClient, GrantOf, TestServer, allow, deny};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _};

const SORTS: [&str; 10] = ["name", "status", "os", "client", "site", "cpu", "memory", "disk", "last_seen", "enrolled"];
const ROLE: &str = "agents.view";

/// Four clients with two sites each and five machines on each, which differ in everything that is filtered by.
fn fill(own: &str) -> String {
    format!(
        "insert into clients select gen_random_uuid(), '{own}', 'Place ' || n, 'corporate', now(), now() from generate_series(1, 4) n;
         insert into sites select gen_random_uuid(), c.org_id, c.id, c.name || ' ' || n, now(), now() from clients c, generate_series(1, 2) n where c.name like 'Place %';
         insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version, arch, agent_version,
                             enrolled_at, created_at, updated_at, state, serial)
             select gen_random_uuid(), s.org_id, s.client_id, s.id, gen_random_uuid(), sha256('p'), sha256('k'), 'machine-' || n, case when n % 2 = 0 then 'linux' else 'windows' end,
                    'System', '1', 'x86_64', '1', now() - make_interval(hours => n), now(), now(), case when n = 5 then 'waiting' else 'active' end, 'SN' || n
             from sites s, generate_series(1, 5) n where s.name like 'Place %';
         insert into agent_presence (agent_id, org_id, client_id, site_id, status, status_changed_at, cpu_percent, last_seen_at)
             select id, org_id, client_id, site_id, case when serial < 'SN3' then 'online' else 'offline' end, now(), nullif(ascii(right(serial, 1)) - 48, 2),
                    case when serial <> 'SN4' then now() end from agents;
         insert into agent_tags (org_id, client_id, site_id, agent_id, tag) select org_id, client_id, site_id, id, tag
             from agents, unnest(array['All', case when os = 'linux' then 'Even' end]) tag where tag is not null"
    )
}

/// What a filter lets through.
type Is = fn(&Value) -> bool;

/// Ids of every page, in order.
async fn ids(who: &ApiClient, query: &str) -> Vec<String> {
    let rows = who.all(&format!("/agents?{query}"), 7).await;
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Each reach, and which of the four clients and eight sites it has: the clients and sites by their places.
fn reaches(clients: &[Value], sites: &[Value]) -> Vec<(&'static str, Vec<GrantOf>, BTreeSet<String>)> {
    let of = |wanted: &dyn Fn(&Value) -> bool| {
        sites.iter().filter(|site| wanted(site)).map(|site| text(&site["id"])).collect()
    };
    let is_of = |site: &Value, client: usize| site["client_id"] == clients[client]["id"];
    vec![
        ("all", vec![allow(ROLE)], of(&|_| true)),
        ("all but a client", vec![allow(ROLE), deny(ROLE).on_client(&clients[1])], of(&|site| !is_of(site, 1))),
        ("all but a site", vec![allow(ROLE), deny(ROLE).on_site(&sites[3])], of(&|site| site["id"] != sites[3]["id"])),
        (
            "a client and a site of another",
            vec![allow(ROLE).on_client(&clients[0]), allow(ROLE).on_site(&sites[7])],
            of(&|site| is_of(site, 0) || site["id"] == sites[7]["id"]),
        ),
        (
            "a client but a site of it",
            vec![allow(ROLE).on_client(&clients[2]), deny(ROLE).on_site(&sites[4])],
            of(&|site| is_of(site, 2) && site["id"] != sites[4]["id"]),
        ),
    ]
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn pages_and_counts_hold_what_one_sees_in_every_order_and_filter() {
    let server = TestServer::start().await;
    let admin = server.administrator().await;
    let own = text(&admin.get("/auth/me").await.ok()["organisation"]["id"]);
    server.db.connect("gururmm_owner").await.execute(AssertSqlSafe(fill(&own))).await.unwrap();
    let clients = admin.all("/clients?search=Place", 50).await;
    let mut sites = admin.all("/sites", 50).await;
    sites.retain(|site| text(&site["name"]).starts_with("Place"));
    sites.sort_by_key(|site| text(&site["name"]));
    let machines = admin.all("/agents", 200).await;
    let filters: [(&str, Is); 9] = [
        ("", |_| true),
        ("status=online", |row| row["status"] == "online"),
        ("os=linux", |row| row["os"] == "linux"),
        ("state=active", |row| row["state"] == "active"),
        ("state=waiting", |row| row["state"] == "waiting"),
        ("tag=all,even", |row| row["os"] == "linux"),
        ("search=machine-3", |row| row["hostname"] == "machine-3"),
        ("search=sn4", |row| row["serial"] == "SN4"),
        ("search=even&status=online&os=linux", |row| row["os"] == "linux" && row["status"] == "online"),
    ];
    for (reach, grants, seen) in reaches(&clients, &sites) {
        let person = server.person(&grants).await;
        for (filter, is_wanted) in &filters {
            let wanted: BTreeSet<String> = machines
                .iter()
                .filter(|row| seen.contains(&text(&row["site_id"])) && is_wanted(row))
                .map(|row| text(&row["id"]))
                .collect();
            for sort in SORTS {
                let found = ids(&person, &format!("sort={sort}&{filter}")).await;
                assert_eq!(found.len(), wanted.len(), "{reach}, {filter}, {sort}: none twice, none left out");
                assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), wanted, "{reach}, {filter}, {sort}");
            }
            let counted = person.get(&format!("/agents?limit=1&count=true&{filter}")).await.ok()["count"].clone();
            assert_eq!(counted, json!(wanted.len()), "{reach}, {filter}");
        }
    }
    server.stop().await;
}
