//! A page of the list of very many machines, as a technician asks for it: the first one, what a search finds, the busiest.
//!
//! Yardstick: the same rows by `psql`, as the owner, to whom row-level security does not apply.

use std::time::Instant;

use gururmm_simulator::http_client;

use crate::product::Product;
use crate::psql::Psql;
use crate::report::{Budget, Line, Report, Rounds, Yardstick, percentile};
use crate::{Arguments, ROUNDS};

const QUESTIONS: usize = 40;
/// Machines that were never there, beside the one that is: as it, but for their names and figures.
const FILL: &str = "
    insert into agents (id, org_id, client_id, site_id, device_id, public_key, key_hash, hostname, os, os_name, os_version, kernel_version,
                        arch, agent_version, capabilities, enrolled_at, created_at, updated_at)
        select gen_random_uuid(), org_id, client_id, site_id, gen_random_uuid(), sha256(n::text::bytea), sha256(('k' || n)::bytea),
               'machine-' || lpad(n::text, 6, '0'), os, os_name, os_version, kernel_version, arch, agent_version, capabilities,
               enrolled_at, created_at, updated_at
            from agents, generate_series(2, 100000) n;
    insert into agent_presence (agent_id, org_id, client_id, site_id, status, status_changed_at, last_seen_at, metrics_at, cpu_percent, memory_percent,
                                disk_percent, uptime_seconds, logged_in_user)
        select a.id, a.org_id, a.client_id, a.site_id, case when random() < 0.9 then 'online' else 'offline' end, now(), now(), now(), random() * 100,
               random() * 100, random() * 100, 1000, 'user' || floor(random() * 1000)
            from agents a where not exists (select from agent_presence p where p.agent_id = a.id);
    vacuum analyze agents, agent_presence";
const ROWS: &str = "select a.*, p.*, c.name, s.name from agents a join agent_presence p on p.agent_id = a.id
    join clients c on c.id = a.client_id join sites s on s.id = a.site_id";

/// A question, and the same to the database.
struct Question {
    what: &'static str,
    query: &'static str,
    sql: &'static str,
}

const ASKED: [Question; 3] = [
    Question {
        what: "list of 100,000 machines, first page, p95",
        query: "limit=100",
        sql: "order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, search, p95",
        query: "limit=100&search=e-0421",
        sql: "where lower(a.hostname || ' ' || coalesce(a.display_name, '')) like '%e-0421%' order by a.sort_name, a.id limit 101",
    },
    Question {
        what: "list of 100,000 machines, the busiest, p95",
        query: "limit=100&sort=cpu&order=desc",
        sql: "order by p.cpu_percent desc, a.id desc limit 101",
    },
];

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let product = Product::start(arguments).await?;
    let psql = Psql::of(&product.home)?;
    for statement in FILL.split(';') {
        psql.run(statement, None)?;
    }
    for question in ASKED {
        let (mut ours, mut bare) = (Rounds::default(), Rounds::default());
        for _ in 0..ROUNDS {
            ours.0.push(ask(&product, question.query).await?);
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
