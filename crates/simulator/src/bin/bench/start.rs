//! From the start of the server to `/readyz`, on a database that exists.
//!
//! Yardstick: a bare `postgres` on the same disk until it lets a session in, looked at just as often. Both as an ordinary start: the
//! database was stopped cleanly before.

use std::time::Instant;

use gururmm_simulator::processes::{ServerHome, folder};

use crate::bare_postgres::BarePostgres;
use crate::report::{Budget, Line, Report, Rounds, Yardstick};
use crate::{Arguments, ROUNDS};

pub(crate) async fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let (home, folder) = (ServerHome::new(&arguments.server)?, folder()?);
    drop(home.start(home.command()).await?);
    let bare = BarePostgres::create(&folder.path().join("bare"))?;
    drop(bare.start().await?);

    let (mut ours, mut yardstick) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let server = home.start(home.command()).await?;
        ours.0.push(began.elapsed().as_secs_f64() * 1e3);
        drop(server);
        let began = Instant::now();
        let postgres = bare.start().await?;
        yardstick.0.push(began.elapsed().as_secs_f64() * 1e3);
        drop(postgres);
    }
    report.add(Line {
        what: "server ready, existing embedded database",
        unit: "ms",
        figure: ours,
        yardstick: Some(Yardstick { name: "bare PostgreSQL", figure: yardstick }),
        budget: Some(Budget::AtMost(2000.0)),
        reference: "—",
    });
    Ok(())
}
