//! The list of agents: what it finds, and in which order.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gururmm_server_testkit::{ApiClient, TestServer};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection};

/// A machine as its rows say, written by SQL: what it reported, where it is, how long it has been there.
#[derive(Clone, Debug, Default)]
struct Machine {
    hostname: &'static str,
    display_name: Option<&'static str>,
    os: &'static str,
    online: bool,
    site: usize,
    /// Use of processors, memory and disk.
    percents: [Option<f32>; 3],
    /// Seconds.
    last_seen: Option<i64>,
    enrolled: i64,
    user: Option<&'static str>,
    ip: &'static str,
    id: String,
}

fn machine(hostname: &'static str) -> Machine {
    Machine { hostname, os: "linux", ip: "192.0.2.1", ..Machine::default() }
}

/// Ten machines: of every value there are equal ones, missing ones and ones that look alike as text.
fn machines() -> Vec<Machine> {
    let named = |display_name| Machine { display_name: Some(display_name), ..machine("hidden") };
    let (all, none) = ([Some(9.5), Some(80.0), Some(0.1)], [None; 3]);
    let some = [Some(10.25), None, Some(0.1)];
    vec![
        Machine { online: true, percents: all, last_seen: Some(1_700_000_000), ..machine("mail") },
        Machine { os: "windows", site: 1, percents: none, user: Some("EXAMPLE\\technician"), ..machine("MAIL") },
        Machine { os: "macos", site: 2, percents: some, enrolled: 1, last_seen: Some(999), ..named("Atelier") },
        Machine { online: true, site: 1, percents: all, enrolled: 2, ip: "198.51.100.77", ..machine("backup") },
        Machine { site: 3, percents: [Some(0.0); 3], enrolled: 1, last_seen: Some(0), ..machine("zebra") },
        Machine { os: "windows", site: 2, percents: none, last_seen: Some(1_700_000_000), ..named("zebra 100%") },
        Machine { online: true, percents: [Some(100.0); 3], enrolled: 3, ..machine("under_score") },
        Machine {
            os: "macos",
            site: 3,
            percents: [None, Some(80.0), None],
            ip: "2001:db8::17",
            ..machine("underXscore")
        },
        Machine {
            percents: [Some(1.0 / 3.0), Some(2.0 / 3.0), None],
            enrolled: 2,
            user: Some("Zoe"),
            ..machine("back\\slash")
        },
        Machine { online: true, site: 1, percents: some, last_seen: Some(1_700_000_001), ..machine("mail") },
    ]
}

/// Site number to its client's name and its own.
const SITES: [(&str, &str); 4] =
    [("Beta", "Office"), ("alpha", "office two"), ("alpha", "Annex"), ("Gamma", "Warehouse")];

struct Fleet {
    server: TestServer,
    admin: ApiClient,
    sites: Vec<Value>,
    machines: Vec<Machine>,
}

impl Fleet {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let admin = server.administrator().await;
        let (mut clients, mut sites) = (Vec::<Value>::new(), Vec::new());
        for (client, site) in SITES {
            if !clients.iter().any(|known| known["name"] == client) {
                clients.push(admin.post("/clients", json!({ "name": client })).await.created());
            }
            let client = clients.iter().find(|known| known["name"] == client).unwrap();
            sites.push(admin.post("/sites", json!({ "client_id": client["id"], "name": site })).await.created());
        }
        let mut machines = machines();
        let mut owner = server.db.connect("gururmm_owner").await;
        for machine in &mut machines {
            machine.id = insert(&mut owner, &sites[machine.site], machine).await;
        }
        Self { server, admin, sites, machines }
    }

    /// The numbers of the machines that the query finds, in its order.
    async fn found(&self, query: &str) -> Vec<usize> {
        let rows = self.admin.all(&format!("/agents?{query}"), 2).await;
        let number = |row: &Value| self.machines.iter().position(|machine| row["id"] == machine.id.as_str());
        rows.iter().map(|row| number(row).expect("one of the machines")).collect()
    }

    /// The numbers of the machines for which it holds, in the order of names.
    fn expected(&self, is_wanted: impl Fn(&Machine) -> bool) -> Vec<usize> {
        let order = self.order(|one, other| one.name().cmp(&other.name()));
        order.into_iter().filter(|number| is_wanted(&self.machines[*number])).collect()
    }

    /// All numbers in an order; what it finds equal is ordered by id.
    fn order(&self, compare: impl Fn(&Machine, &Machine) -> Ordering) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..self.machines.len()).collect();
        numbers.sort_by(|one, other| {
            let (one, other) = (&self.machines[*one], &self.machines[*other]);
            compare(one, other).then_with(|| one.id.cmp(&other.id))
        });
        numbers
    }
}

impl Machine {
    fn name(&self) -> String {
        self.display_name.unwrap_or(self.hostname).to_lowercase()
    }
}

async fn insert(owner: &mut PgConnection, site: &Value, machine: &Machine) -> String {
    let sql = "with machine as (
            insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, display_name, os, os_name,
                                os_version, arch, agent_version, enrolled_at, created_at, updated_at)
                select gen_random_uuid(), org_id, $1::uuid, $2::uuid, gen_random_uuid(), sha256('p'), sha256('k'), $3, $4, $5, $5, '1', 'x86_64',
                       '1', to_timestamp($6), now(), now() from setup_state
                returning id, org_id, client_id, site_id)
        insert into agent_presence (agent_id, org_id, client_id, site_id, status, status_changed_at, last_seen_at, public_ip, cpu_percent, memory_percent,
                                    disk_percent, logged_in_user)
            select id, org_id, client_id, site_id, $7, now(), to_timestamp($8), $9::inet, $10, $11, $12, $13 from machine
            returning agent_id::text";
    let [cpu, memory, disk] = machine.percents;
    sqlx::query_scalar(sql)
        .bind(site["client_id"].as_str())
        .bind(site["id"].as_str())
        .bind(machine.hostname)
        .bind(machine.display_name)
        .bind(machine.os)
        .bind(1_600_000_000.0 + machine.enrolled as f64)
        .bind(if machine.online { "online" } else { "offline" })
        .bind(machine.last_seen.map(|second| second as f64))
        .bind(machine.ip)
        .bind(cpu)
        .bind(memory)
        .bind(disk)
        .bind(machine.user)
        .fetch_one(owner)
        .await
        .unwrap()
}

fn percent(one: Option<f32>, other: Option<f32>) -> Ordering {
    one.unwrap_or(-1.0).total_cmp(&other.unwrap_or(-1.0))
}

type IsWanted = fn(&Machine) -> bool;
type Compare = fn(&Machine, &Machine) -> Ordering;

#[tokio::test]
async fn every_order_shows_every_agent_once_forwards_and_backwards() {
    let fleet = Fleet::start().await;
    let orders: [(&str, Compare); 10] = [
        ("name", |one, other| one.name().cmp(&other.name())),
        ("status", |one, other| one.online.cmp(&other.online)),
        ("os", |one, other| one.os.cmp(other.os)),
        ("client", |one, other| SITES[one.site].0.to_lowercase().cmp(&SITES[other.site].0.to_lowercase())),
        ("site", |one, other| SITES[one.site].1.to_lowercase().cmp(&SITES[other.site].1.to_lowercase())),
        ("cpu", |one, other| percent(one.percents[0], other.percents[0])),
        ("memory", |one, other| percent(one.percents[1], other.percents[1])),
        ("disk", |one, other| percent(one.percents[2], other.percents[2])),
        ("last_seen", |one, other| one.last_seen.unwrap_or(0).cmp(&other.last_seen.unwrap_or(0))),
        ("enrolled", |one, other| one.enrolled.cmp(&other.enrolled)),
    ];
    for (sort, compare) in orders {
        let mut expected = fleet.order(compare);
        assert_eq!(fleet.found(&format!("sort={sort}")).await, expected, "{sort}");
        assert_eq!(fleet.found(&format!("sort={sort}&order=asc")).await, expected, "{sort}");
        expected.reverse();
        assert_eq!(fleet.found(&format!("sort={sort}&order=desc")).await, expected, "{sort} backwards");
    }
    assert_eq!(fleet.found("").await, fleet.expected(|_| true), "by name unless told");
    fleet.server.stop().await;
}

#[tokio::test]
async fn a_search_looks_at_names_users_and_addresses_and_takes_every_character_as_it_is() {
    let fleet = Fleet::start().await;
    for (search, expected) in [
        ("MAIL", vec![0, 1, 9]),
        ("%20mail%20", vec![0, 1, 9]),
        ("telier", vec![2]),
        ("hidden", vec![2, 5]),
        ("zebra", vec![4, 5]),
        ("TECHNICIAN", vec![1]),
        ("zoe", vec![8]),
        ("198.51.100", vec![3]),
        ("2001:db8", vec![7]),
        ("%25", vec![5]),
        ("r_s", vec![6]),
        ("k%5Cs", vec![8]),
        ("%27", vec![]),
        ("x86_64", vec![]),
    ] {
        let expected =
            fleet.expected(|machine| expected.iter().any(|number: &usize| fleet.machines[*number].id == machine.id));
        assert_eq!(fleet.found(&format!("search={search}")).await, expected, "{search}");
        let counted = fleet.admin.get(&format!("/agents?search={search}&count=true&limit=1")).await.ok();
        assert_eq!(counted["count"], expected.len(), "{search}");
    }
    assert_eq!(fleet.found("search=").await.len(), fleet.machines.len());
    fleet.server.stop().await;
}

#[tokio::test]
async fn filters_narrow_the_list_and_its_count_alone_and_together() {
    let fleet = Fleet::start().await;
    let (alpha, annex) = (fleet.sites[1]["client_id"].as_str().unwrap(), fleet.sites[2]["id"].as_str().unwrap());
    let queries: [(String, IsWanted); 9] = [
        ("status=online".to_owned(), |machine| machine.online),
        ("status=offline".to_owned(), |machine| !machine.online),
        ("os=linux".to_owned(), |machine| machine.os == "linux"),
        ("os=windows".to_owned(), |machine| machine.os == "windows"),
        ("os=macos".to_owned(), |machine| machine.os == "macos"),
        (format!("client_id={alpha}"), |machine| SITES[machine.site].0 == "alpha"),
        (format!("site_id={annex}"), |machine| machine.site == 2),
        (format!("client_id={alpha}&status=online&os=linux&search=MAIL"), |machine| {
            machine.online && machine.site == 1 && machine.hostname == "mail"
        }),
        (format!("client_id={annex}"), |_| false),
    ];
    for (query, is_wanted) in queries {
        let expected = fleet.expected(is_wanted);
        assert_eq!(fleet.found(&query).await, expected, "{query}");
        let counted = fleet.admin.get(&format!("/agents?{query}&count=true&limit=1")).await.ok();
        assert_eq!(counted["count"], expected.len(), "{query}");
        let mut backwards = fleet.found(&format!("{query}&sort=cpu&order=desc")).await;
        backwards.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(backwards, expected, "{query} in another order");
    }
    let page = fleet.admin.get("/agents?limit=1").await.ok();
    assert!(page.get("count").is_none(), "nobody asked for a count");
    fleet.server.stop().await;
}

#[tokio::test]
async fn bad_values_and_cursors_of_other_orders_are_refused() {
    let fleet = Fleet::start().await;
    for query in [
        "status=away",
        "os=plan9",
        "client_id=x",
        "site_id=",
        "sort=id",
        "order=up",
        "limit=0",
        "limit=201",
        "limit=x",
        "count=perhaps",
        "search=a%00b",
        "page=2",
        "status=Online",
    ] {
        fleet.admin.get(&format!("/agents?{query}")).await.problem(400, "invalid_request");
    }
    let long = "x".repeat(201);
    fleet.admin.get(&format!("/agents?search={long}")).await.problem(400, "invalid_request");
    let page = fleet.admin.get("/agents?sort=cpu&limit=1").await.ok();
    let cursor = page["next"].as_str().unwrap();
    for order in ["", "sort=memory&", "sort=cpu&order=desc&"] {
        fleet.admin.get(&format!("/agents?{order}after={cursor}")).await.problem(400, "cursor_invalid");
    }
    fleet.admin.get(&format!("/agents?sort=cpu&after={cursor}")).await.ok();
    // a year that a timestamp can name and PostgreSQL cannot
    let ancient = json!({ "o": "agents:last_seen:asc", "v": "-300000000000000000", "i": uuid::Uuid::nil() });
    let ancient = URL_SAFE_NO_PAD.encode(ancient.to_string());
    fleet.admin.get(&format!("/agents?sort=last_seen&after={ancient}")).await.problem(400, "cursor_invalid");
    fleet.server.stop().await;
}

#[tokio::test]
async fn a_search_that_finds_very_many_pages_and_counts_like_any_other() {
    let fleet = Fleet::start().await;
    let mut owner = fleet.server.db.connect("gururmm_owner").await;
    let copies = "insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version,
                                      arch, agent_version, enrolled_at, created_at, updated_at)
            select gen_random_uuid(), org_id, client_id, site_id, gen_random_uuid(), public_key, key_hash, 'Crowd' || number, os, os_name,
                   os_version, arch, agent_version, enrolled_at, created_at, updated_at
            from agents, generate_series(1, 1100) number where hostname = 'zebra';
        insert into agent_presence (agent_id, org_id, client_id, site_id, status_changed_at, public_ip)
            select id, org_id, client_id, site_id, now(), '203.0.113.9' from agents where hostname like 'Crowd%'";
    owner.execute(AssertSqlSafe(copies.to_owned())).await.unwrap();
    for search in ["crowd", "203.0.113.9"] {
        let counted = fleet.admin.get(&format!("/agents?search={search}&count=true&limit=1")).await.ok();
        assert_eq!(counted["count"], 1_100, "{search}");
        let rows = fleet.admin.all(&format!("/agents?search={search}&status=offline&sort=last_seen"), 200).await;
        let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!((rows.len(), ids.len()), (1_100, 1_100), "{search}");
        let none = fleet.admin.get(&format!("/agents?search={search}&status=online&count=true")).await.ok();
        assert_eq!((none["count"].as_i64(), none["items"].as_array().unwrap().len()), (Some(0), 0), "{search}");
    }
    fleet.server.stop().await;
}
