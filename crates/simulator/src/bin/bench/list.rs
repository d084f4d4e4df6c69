//! A page of the list of very many machines, as a technician asks for it: the first one, what a search or a filter finds, the busiest; and as
//! somebody asks for it who sees one client alone.
//!
//! Yardstick: the same rows by `psql`, as the owner, to whom row-level security does not apply.

use std::time::Instant;

use anyhow::Context as _;
use gururmm_simulator::http_client;
use serde_json::{Value, json};

use crate::product::Product;
use crate::psql::Psql;
use crate::report::{Budget, Line, Report, Rounds, Yardstick, percentile};
use crate::{Arguments, ROUNDS};

const QUESTIONS: usize = 40;
/// Machines that were never there, beside the one that is: as it, but for their names and figures. 100,000 in 40 organisations, as it comes:
/// ours has 40,000 in 20 clients of 3 sites, another 15,000, the others 1,184 or 1,185 each. Those of a site share its address; half of all have
/// one tag, each has one of forty, and a rack of five hundred. They were seen tomorrow, so that nobody counts them as gone meanwhile.
const FILL: &str = "
    insert into organisations (id, name, created_at) select gen_random_uuid(), 'Organisation ' || lpad(n::text, 2, '0'), now() from generate_series(2, 40) n;
    insert into clients select gen_random_uuid(), o.id, 'Client ' || lpad(n::text, 2, '0'), 'corporate', now(), now() from organisations o, generate_series(1, 20) n;
    insert into sites select gen_random_uuid(), c.org_id, c.id, 'Site ' || n, now(), now() from clients c, generate_series(1, 3) n where c.name like 'Client %';
    create table bench_places as
        select s.org_id, s.client_id, s.id, row_number() over (partition by s.org_id order by c.name, s.name) - 1 as place,
               case when o.name not like 'Organisation %' then 1 when o.name = 'Organisation 02' then 2 else 3 end as size,
               dense_rank() over (order by o.name) as org
            from sites s join clients c on c.id = s.client_id join organisations o on o.id = s.org_id where c.name like 'Client %';
    insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version, kernel_version,
                        arch, agent_version, capabilities, enrolled_at, created_at, updated_at, serial, manufacturer, model)
        select gen_random_uuid(), p.org_id, p.client_id, p.id, gen_random_uuid(), sha256((p.org || ' ' || n)::bytea), sha256((p.org || 'k' || n)::bytea),
               'machine-' || lpad(n::text, 6, '0'), case when n % 10 < 7 then 'windows' else 'linux' end, a.os_name, a.os_version, a.kernel_version, a.arch, a.agent_version, a.capabilities,
               a.enrolled_at, a.created_at, a.updated_at, 'SN' || upper(substr(md5(p.org || ' ' || n), 1, 8)), 'Example', 'Model ' || n % 20
            from (select * from agents limit 1) a, generate_series(2, 40000) n join bench_places p on p.place = n % 60
            where n <= case p.size when 1 then 40000 when 2 then 15001 else 1185 end;
    insert into agent_presence (agent_id, org_id, client_id, site_id, status, status_changed_at, last_seen_at, metrics_at, cpu_percent, memory_percent,
                                disk_percent, uptime_seconds, logged_in_user, public_ip)
        select a.id, a.org_id, a.client_id, a.site_id, case when random() < 0.9 then 'online' else 'offline' end, now(), now() + interval '1 day', now(),
               random() * 100, random() * 100, random() * 100, 1000, 'user' || floor(random() * 1000),
               ('10.' || abs(hashtext(s.id::text) % 250) || '.' || abs(hashtext('b' || s.id) % 250) || '.' || abs(hashtext('c' || s.id) % 250))::inet
            from agents a join sites s on s.id = a.site_id where not exists (select from agent_presence p where p.agent_id = a.id);
    insert into agent_tags (org_id, client_id, site_id, agent_id, tag)
        select a.org_id, a.client_id, a.site_id, a.id, tag from agents a cross join lateral unnest(
            array[case when abs(hashtext(a.hostname)) % 2 = 0 then 'managed' end, 'role-' || abs(hashtext('r' || a.hostname)) % 40]) tag where tag is not null;
    insert into custom_fields select gen_random_uuid(), id, 'Rack', 'text', '{}', now(), now() from organisations;
    insert into agent_field_values (org_id, client_id, site_id, agent_id, field_id, value)
        select a.org_id, a.client_id, a.site_id, a.id, f.id, 'Rack ' || abs(hashtext(a.hostname)) % 500 from agents a join custom_fields f on f.org_id = a.org_id;
    drop table bench_places;
    vacuum analyze agents, agent_presence, agent_tags, agent_field_values";
const ROWS: &str = "select a.*, p.*, c.name, s.name from agents a join agent_presence p on p.agent_id = a.id
    join clients c on c.id = a.client_id join sites s on s.id = a.site_id
    where a.org_id = (select org_id from setup_state)";

/// A question, and the same to the database.
struct Question {
    what: &'static str,
    query: &'static str,
    sql: &'static str,
}

const ASKED: [Question; 13] = [
    Question {
        what: "list of 100,000 machines, first page, p95",
        query: "limit=100",
        sql: "order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, the 200th page, p95",
        query: DEEP,
        sql: "and (a.sort_name, a.id) > ('machine-019900', 'ffffffff-ffff-7fff-bfff-ffffffffffff') order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, search a name, p95",
        query: "limit=100&search=e-0121",
        sql: "and lower(a.hostname || ' ' || coalesce(a.display_name, '')) like '%e-0121%' order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, search a user, p95",
        query: "limit=100&search=user77",
        sql: "and lower(p.logged_in_user) like '%user77%' order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, search an address, p95",
        query: ADDRESS,
        sql: "and p.public_ip = (select o.public_ip from agent_presence o join agents x on x.id = o.agent_id
              where x.org_id = (select org_id from setup_state) order by x.sort_name, x.id offset 30 limit 1) order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, search a serial number, p95",
        query: "limit=100&search=sn0a",
        sql: "and lower(a.serial) like '%sn0a%' order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, those that are offline, p95",
        query: "limit=100&status=offline",
        sql: "and p.status = 'offline' order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, by client, p95",
        query: "limit=100&sort=client",
        sql: "order by lower(c.name), a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, the busiest, p95",
        query: "limit=100&sort=cpu&order=desc",
        sql: "order by p.cpu_percent desc, a.id desc limit 101",
    },
    Question {
        what: "list of 100,000 machines, one tag of forty, p95",
        query: "limit=100&tag=role-7",
        sql: "and a.id in (select agent_id from agent_tags where key = 'role-7') order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, the busiest with a tag that half of them have, p95",
        query: "limit=100&tag=managed&sort=cpu&order=desc",
        sql: "and a.id in (select agent_id from agent_tags where key = 'managed') order by p.cpu_percent desc, a.id desc limit 101",
    },
    Question {
        what: "list of 100,000 machines, who sees one client of twenty, first page, p95",
        query: ONE_CLIENT,
        sql: "and c.name = 'Client 04' order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, who sees one client of twenty, the busiest, p95",
        query: ONE_CLIENTS_BUSIEST,
        sql: "and c.name = 'Client 04' order by p.cpu_percent desc, a.id desc limit 101",
    },
];
/// Stands for the address of the 31st machine.
const ADDRESS: &str = "address";
/// What the technician of one client asks.
const ONE_CLIENT: &str = "limit=100&count=false";
const ONE_CLIENTS_BUSIEST: &str = "limit=100&count=false&sort=cpu&order=desc";
/// Stands for a page in the middle, which has no address before the pages up to it were read.
const DEEP: &str = "deep";

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let product = Product::start(arguments).await?;
    let psql = Psql::of(&product.home)?;
    for statement in FILL.split(';') {
        psql.run(statement, None)?;
    }
    let technician = technician(&product).await?;
    for question in ASKED {
        let (mut ours, mut bare) = (Rounds::default(), Rounds::default());
        let query = match question.query {
            DEEP => deep(&product).await?,
            ADDRESS => address(&product).await?,
            query => query.to_owned(),
        };
        let is_of_one_client = [ONE_CLIENT, ONE_CLIENTS_BUSIEST].contains(&question.query);
        let token = if is_of_one_client { &technician } else { &product.machine.token };
        for _ in 0..ROUNDS {
            ours.0.push(ask(&product, token, &query).await?);
            bare.0.push(percentile(psql.times(&format!("{ROWS} {}", question.sql), QUESTIONS)?, 0.95));
        }
        report.add(Line {
            what: question.what,
            unit: "ms",
            figure: ours,
            yardstick: Some(Yardstick { name: "the same rows by psql as owner", figure: bare }),
            budget: Some(Budget::AtMost(20.0)),
            reference: "Fleet 146 ms of 45,000",
        });
    }
    Ok(())
}

async fn ask(product: &Product, token: &str, query: &str) -> anyhow::Result<f64> {
    let (client, mut times) = (http_client()?, Vec::new());
    let url = format!("{}/api/agents?{query}", product.machine.origin);
    for _ in 0..QUESTIONS {
        let began = Instant::now();
        let answer = client.get(&url).bearer_auth(token).send().await?.error_for_status()?.bytes().await?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(answer.len() > 50_000, "the answer has {} bytes: that is no page", answer.len());
    }
    Ok(percentile(times, 0.95))
}

/// The address of the page behind half of the machines.
async fn deep(product: &Product) -> anyhow::Result<String> {
    let mut after = String::new();
    for _ in 0..100 {
        let page = get(product, &format!("agents?limit=200{after}")).await?;
        after = format!("&after={}", page["next"].as_str().context("the list goes on")?);
    }
    Ok(format!("limit=100{after}"))
}

/// The question for the address that a machine shares with its site.
async fn address(product: &Product) -> anyhow::Result<String> {
    let page = get(product, "agents?limit=31").await?;
    let address = page["items"][30]["public_ip"].as_str().context("the machine has an address")?;
    Ok(format!("limit=100&search={address}"))
}

/// The token of somebody who sees one client.
async fn technician(product: &Product) -> anyhow::Result<String> {
    let clients = get(product, "clients?search=Client%2004").await?;
    let grant = json!({ "built_in": "technician", "client_id": clients["items"][0]["id"] });
    let invitation =
        post(product, "invitations", json!({ "email": "technician.two@example.com", "grants": [grant] })).await?;
    let account =
        json!({ "token": invitation["token"], "name": "Technician Two", "password": "correct horse battery" });
    let login = post(product, "auth/register", account).await?;
    login["token"].as_str().map(str::to_owned).context("the technician is signed in")
}

async fn get(product: &Product, path: &str) -> anyhow::Result<Value> {
    let machine = &product.machine;
    let request = http_client()?.get(format!("{}/api/{path}", machine.origin)).bearer_auth(&machine.token);
    Ok(request.send().await?.error_for_status()?.json().await?)
}

async fn post(product: &Product, path: &str, body: Value) -> anyhow::Result<Value> {
    let machine = &product.machine;
    let request = http_client()?.post(format!("{}/api/{path}", machine.origin)).bearer_auth(&machine.token);
    Ok(request.json(&body).send().await?.error_for_status()?.json().await?)
}
