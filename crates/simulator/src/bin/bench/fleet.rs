//! What a crowd costs: memory for each idle machine, and the time until all are back after the server was away.
//!
//! The machines do a full handshake each and then only their heartbeats.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use gururmm_simulator::fleet::Fleet;
use gururmm_simulator::http_client;
use gururmm_simulator::processes::usage::resident_mb;

use crate::crowd::Crowd;
use crate::report::{Budget, Line, Report, Rounds, Yardstick, percentile};
use crate::{Arguments, ROUNDS, nats};

const RAMP: Duration = Duration::from_secs(15);
/// After the last one has come, until memory is looked at.
const SETTLE: Duration = Duration::from_secs(10);
const AWAY: Duration = Duration::from_secs(10);
/// To let everybody go.
const FAREWELL: Duration = Duration::from_secs(5);
const VISIT_EVERY: Duration = Duration::from_millis(100);

pub(crate) async fn measure(arguments: &Arguments, crowd: &mut Crowd, report: &mut Report) -> anyhow::Result<()> {
    let count = crowd.machines;
    let enrolling = Instant::now();
    let identities = crowd.enrol(count).await?;
    let enrolled_per_second = count as f64 / enrolling.elapsed().as_secs_f64();
    // as it is after its own start, and not after ten thousand enrolments
    crowd.stop_server();
    crowd.start_server().await?;
    tokio::time::sleep(SETTLE).await;
    let empty = resident_mb(crowd.pid())?;
    // before the machines: both at once would need more open files than a process may have
    let nats = nats::memory_kb(&arguments.nats_server, count).await?;
    let fleet = Fleet::start(&crowd.options(RAMP, Duration::ZERO), identities);
    crowd.all_online(&fleet, count).await?;
    tokio::time::sleep(SETTLE).await;
    let full = resident_mb(crowd.pid())?;

    let (mut storm, mut handshake) = (Rounds::default(), Rounds::default());
    let mut login = Rounds::default();
    for _ in 0..ROUNDS {
        fleet.ledger.reset_times();
        crowd.stop_server();
        tokio::time::sleep(AWAY).await;
        crowd.start_server().await?;
        let began = Instant::now();
        let (origin, mut visits) = (crowd.home.origin(), Vec::new());
        tokio::select! {
            online = crowd.all_online(&fleet, count) => online?,
            failed = visit(&origin, &mut visits) => failed.context("a visitor of the login page")?,
        }
        storm.0.push(began.elapsed().as_secs_f64());
        login.0.push(percentile(visits, 0.95));
        handshake.0.push(fleet.ledger.summary().handshake.p95);
    }
    fleet.stop(FAREWELL).await;
    report.add(Line {
        what: "server memory for each idle machine of the crowd",
        unit: "kB",
        figure: Rounds(vec![(full - empty) * 1_000.0 / count as f64]),
        yardstick: Some(Yardstick {
            name: "nats-server, one subscription on each connection",
            figure: Rounds(vec![nats]),
        }),
        budget: Some(Budget::AtMost(10.0)),
        reference: "MeshCentral 620 kB",
    });
    report.add(Line {
        what: "the whole crowd back after the server was away for 10 s",
        unit: "s",
        figure: storm,
        yardstick: None,
        budget: Some(Budget::AtMost(30.0)),
        reference: "—",
    });
    report.add(Line {
        what: "handshake in that storm, p95",
        unit: "ms",
        figure: handshake,
        yardstick: None,
        budget: None,
        reference: "—",
    });
    report.add(Line {
        what: "login page in that storm, p95",
        unit: "ms",
        figure: login,
        yardstick: None,
        budget: Some(Budget::AtMost(500.0)),
        reference: "—",
    });
    report.add(Line {
        what: "enrolments each second",
        unit: "/s",
        figure: Rounds(vec![enrolled_per_second]),
        yardstick: None,
        budget: None,
        reference: "—",
    });
    Ok(())
}

/// A person who opens the login page again and again, for ever; adds how long each time took, milliseconds.
async fn visit(origin: &str, times: &mut Vec<f64>) -> anyhow::Result<()> {
    let client = http_client()?;
    loop {
        let began = Instant::now();
        for path in ["/login", "/api/setup"] {
            client.get(format!("{origin}{path}")).send().await?.error_for_status()?.bytes().await?;
        }
        times.push(began.elapsed().as_secs_f64() * 1e3);
        tokio::time::sleep(VISIT_EVERY).await;
    }
}
