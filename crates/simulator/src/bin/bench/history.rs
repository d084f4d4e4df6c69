//! The chart of a year of one machine, from the question to the whole answer.
//!
//! The hours of the year are written as the roll-up writes them, with three volumes each.

use std::time::Instant;

use gururmm_simulator::http_client;
use jiff::{SignedDuration, Timestamp};

use crate::product::Product;
use crate::psql::Psql;
use crate::report::{Budget, Line, Report, Rounds, percentile};
use crate::{Arguments, ROUNDS};

const QUESTIONS: usize = 20;
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);
/// `$agent` is the machine's id.
const FILL: &str = "
    select partitions_create(size, 'month', (now() - interval '1 year')::date, now()::date) from unnest(array['history_1h', 'history_6h']) size;
    insert into history_1h
        select a.id, a.org_id, date_trunc('hour', now()) - make_interval(hours => n), 60,
               5, 20, 90, 60, 0.1, 0.5, 3, 2, 4e9, 5e9, 6e9, 55e8, 0, 1e6, 2e6, 1e6, 100, 2000, 90000, 50000, 100, 1000, 50000, 20000,
               16000000000, 2000000000,
               (select array_agg(row(m, 1e11, 1.1e11, 1.2e11, 1.2e11, 5e11)::history_disk)
                    from unnest(array['/', '/home', '/srv']) m)
            from agents a, generate_series(1, 365 * 24) n where a.id = '$agent';
    select history_coarsen('-infinity', 'infinity', null, null);
    insert into history_marks values (3600, now(), date_trunc('hour', now()))
        on conflict (step_seconds) do update set closed_until = now(), rolled_until = date_trunc('hour', now());
    analyze history_1h, history_6h";

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let product = Product::start(arguments).await?;
    let machine = &product.machine;
    Psql::of(&product.home)?.run(&FILL.replace("$agent", &machine.agent_id), None)?;
    let (client, mut figure) = (http_client()?, Rounds::default());
    for _ in 0..ROUNDS {
        let mut times = Vec::new();
        for _ in 0..QUESTIONS {
            let url = format!("{}/api/agents/{}/history?from={}", machine.origin, machine.agent_id, a_year_ago());
            let began = Instant::now();
            let answer = client.get(url).bearer_auth(&machine.token).send().await?.error_for_status()?.bytes().await?;
            times.push(began.elapsed().as_secs_f64() * 1e3);
            anyhow::ensure!(answer.len() > 500_000, "the answer has {} bytes: that is no year", answer.len());
        }
        figure.0.push(percentile(times, 0.95));
    }
    report.add(Line {
        what: "chart of a year of one machine, p95",
        unit: "ms",
        figure,
        yardstick: None,
        budget: Some(Budget::AtMost(50.0)),
        reference: "—",
    });
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the year that ends now")]
fn a_year_ago() -> Timestamp {
    let now = Timestamp::now();
    now.saturating_sub(YEAR).unwrap_or(now)
}
