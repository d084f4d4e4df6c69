//! What a crowd costs: memory for each idle machine, and the time until all are back after the server was away.
//!
//! The machines do a full handshake each and then only their heartbeats.

use std::time::{Duration, Instant};

use gururmm_simulator::fleet::Fleet;

use crate::Arguments;
use crate::crowd::{Crowd, all_online, require_files, start_server};
use crate::report::{Line, Report, Rounds};
use crate::usage::resident_mb;
use crate::ROUNDS;

const RAMP: Duration = Duration::from_secs(15);
/// After the last one has come, until memory is looked at.
const SETTLE: Duration = Duration::from_secs(10);
const AWAY: Duration = Duration::from_secs(10);
/// To let everybody go.
const FAREWELL: Duration = Duration::from_secs(5);

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let count = arguments.machines as usize;
    require_files(count)?;
    let mut crowd = Crowd::start(arguments).await?;
    let enrolling = Instant::now();
    let identities = crowd.enrol(count).await?;
    let enrolled_per_second = count as f64 / enrolling.elapsed().as_secs_f64();
    // as it is after its own start, and not after ten thousand enrolments
    drop(crowd.server);
    crowd.server = start_server(&crowd.home).await?;
    tokio::time::sleep(SETTLE).await;
    let empty = resident_mb(crowd.server.id())?;
    let fleet = Fleet::start(&crowd.options(RAMP, Duration::ZERO), identities);
    all_online(&fleet, &mut crowd.server, count).await?;
    tokio::time::sleep(SETTLE).await;
    let full = resident_mb(crowd.server.id())?;

    let (mut storm, mut handshake) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        fleet.ledger.reset_times();
        drop(crowd.server);
        tokio::time::sleep(AWAY).await;
        crowd.server = start_server(&crowd.home).await?;
        let began = Instant::now();
        all_online(&fleet, &mut crowd.server, count).await?;
        storm.0.push(began.elapsed().as_secs_f64());
        handshake.0.push(fleet.ledger.summary().handshake.p95);
    }
    fleet.stop(FAREWELL).await;
    report.add(Line {
        what: "server memory for each idle machine (of 10,000)",
        unit: "kB",
        figure: Rounds(vec![(full - empty) * 1_000.0 / count as f64]),
        yardstick: None,
        budget: Some(10.0),
        reference: "MeshCentral 620 kB",
    });
    report.add(Line {
        what: "all machines back after the server was away for 10 s",
        unit: "s",
        figure: storm,
        yardstick: None,
        budget: Some(30.0),
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
        what: "enrolments each second",
        unit: "/s",
        figure: Rounds(vec![enrolled_per_second]),
        yardstick: None,
        budget: None,
        reference: "—",
    });
    Ok(())
}
