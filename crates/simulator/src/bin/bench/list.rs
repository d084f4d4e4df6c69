//! A page of the list of very many machines, as a technician asks for it: the first one, what a search finds, the busiest.
//!
//! Yardstick: the same rows by `psql`, as the owner, to whom row-level security does not apply.

use std::time::Instant;

use anyhow::Context as _;
use gururmm_simulator::http_client;

use crate::product::Product;
use crate::psql::Psql;
use crate::report::{Budget, Line, Report, Rounds, Yardstick, percentile};
use crate::{Arguments, ROUNDS};

const QUESTIONS: usize = 40;
/// Machines that were never there, beside the one that is: as it, but for their names and figures. 100,000 in 40 organisations, as it comes:
/// ours has 40,000 in 20 clients of 3 sites, another 15,000, the others 1,184 or 1,185 each.
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
                        arch, agent_version, capabilities, enrolled_at, created_at, updated_at)
        select gen_random_uuid(), p.org_id, p.client_id, p.id, gen_random_uuid(), sha256((p.org || ' ' || n)::bytea), sha256((p.org || 'k' || n)::bytea),
               'machine-' || lpad(n::text, 6, '0'), a.os, a.os_name, a.os_version, a.kernel_version, a.arch, a.agent_version, a.capabilities,
               a.enrolled_at, a.created_at, a.updated_at
            from (select * from agents limit 1) a, generate_series(2, 40000) n join bench_places p on p.place = n % 60
            where n <= case p.size when 1 then 40000 when 2 then 15001 else 1185 end;
    insert into agent_presence (agent_id, org_id, client_id, site_id, status, status_changed_at, last_seen_at, metrics_at, cpu_percent, memory_percent,
                                disk_percent, uptime_seconds, logged_in_user, public_ip)
        select a.id, a.org_id, a.client_id, a.site_id, case when random() < 0.9 then 'online' else 'offline' end, now(), now(), now(), random() * 100,
               random() * 100, random() * 100, 1000, 'user' || floor(random() * 1000), ('203.0.113.' || floor(random() * 200))::inet
            from agents a where not exists (select from agent_presence p where p.agent_id = a.id);
    drop table bench_places;
    vacuum analyze agents, agent_presence";
const ROWS: &str = "select a.*, p.*, c.name, s.name from agents a join agent_presence p on p.agent_id = a.id
    join clients c on c.id = a.client_id join sites s on s.id = a.site_id
    where a.org_id = (select org_id from setup_state)";

/// A question, and the same to the database.
struct Question {
    what: &'static str,
    query: &'static str,
    sql: &'static str,
}

const ASKED: [Question; 8] = [
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
        query: "limit=100&search=203.0.113.77",
        sql: "and host(p.public_ip) like '%203.0.113.77%' order by a.sort_name, a.id limit 101",
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
];
/// Stands for a page in the middle, which has no address before the pages up to it were read.
const DEEP: &str = "deep";

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let product = Product::start(arguments).await?;
    let psql = Psql::of(&product.home)?;
    for statement in FILL.split(';') {
        psql.run(statement, None)?;
    }
    for question in ASKED {
        let (mut ours, mut bare) = (Rounds::default(), Rounds::default());
        let query = if question.query == DEEP { deep(&product).await? } else { question.query.to_owned() };
        for _ in 0..ROUNDS {
            ours.0.push(ask(&product, &query).await?);
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

async fn ask(product: &Product, query: &str) -> anyhow::Result<f64> {
    let (client, machine, mut times) = (http_client()?, &product.machine, Vec::new());
    let url = format!("{}/api/agents?{query}", machine.origin);
    for _ in 0..QUESTIONS {
        let began = Instant::now();
        let answer = client.get(&url).bearer_auth(&machine.token).send().await?.error_for_status()?.bytes().await?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(answer.len() > 50_000, "the answer has {} bytes: that is no page", answer.len());
    }
    Ok(percentile(times, 0.95))
}

/// The address of the page behind half of the machines.
async fn deep(product: &Product) -> anyhow::Result<String> {
    let (client, machine, mut after) = (http_client()?, &product.machine, String::new());
    for _ in 0..100 {
        let url = format!("{}/api/agents?limit=200{after}", machine.origin);
        let page = client.get(&url).bearer_auth(&machine.token).send().await?.error_for_status()?;
        let page: serde_json::Value = page.json().await?;
        after = format!("&after={}", page["next"].as_str().context("the list goes on")?);
    }
    Ok(format!("limit=100{after}"))
}
