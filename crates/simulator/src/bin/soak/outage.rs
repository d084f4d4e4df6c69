//! What breaks.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use gururmm_simulator::processes::until;
use gururmm_simulator::{Blocked, Slow, http_client};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::place::{METRICS_EVERY, Place};

const POLL: Duration = Duration::from_millis(100);
/// How long something is away that can be away.
const AWAY: Duration = Duration::from_secs(10);

/// A long way, and hardly more for each machine than it says: measurements are late, and sessions break.
const SLOW: Slow = Slow { delay: Duration::from_millis(500), bytes_per_second: 700 };
/// Of what usually arrives, at most so much does while the network is bad: else the outage was none.
const ARRIVES_MAX: f64 = 0.75;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    ServerKilled,
    DatabaseKilled,
    DatabaseRestarted,
    NetworkSilent,
    ServerRestarted,
    DatabaseStuck,
    NetworkOneWay,
    NetworkSlow,
}

impl Outage {
    pub(crate) const ALL: [Self; 8] = [
        Self::ServerKilled,
        Self::DatabaseKilled,
        Self::NetworkSilent,
        Self::ServerRestarted,
        Self::DatabaseStuck,
        Self::NetworkOneWay,
        Self::DatabaseRestarted,
        Self::NetworkSlow,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ServerKilled => "server killed, 10 s away",
            Self::DatabaseKilled => "database killed",
            Self::DatabaseRestarted => "database stopped in order",
            Self::NetworkSilent => "network carries nothing for 10 s",
            Self::ServerRestarted => "server restarted",
            Self::DatabaseStuck => "database stuck for 10 s",
            Self::NetworkOneWay => "server not heard for 10 s",
            Self::NetworkSlow => "network slow for 10 s",
        }
    }

    /// Breaks it, mends it, and waits until all is well; says how long that took from its mending.
    pub(crate) async fn happen(self, place: &mut Place) -> anyhow::Result<Duration> {
        match self {
            Self::ServerKilled => {
                place.end_server(true)?;
                tokio::time::sleep(AWAY).await;
                place.start_server().await?;
            }
            Self::ServerRestarted => {
                place.end_server(false)?;
                place.start_server().await?;
            }
            Self::DatabaseKilled => end_database(place, Signal::SIGKILL).await?,
            // as `pg_ctl stop -m fast` does it
            Self::DatabaseRestarted => end_database(place, Signal::SIGINT).await?,
            Self::DatabaseStuck => {
                let stuck = with_children(place.database_pid()?)?;
                signal(&stuck, Signal::SIGSTOP);
                tokio::time::sleep(AWAY).await;
                signal(&stuck, Signal::SIGCONT);
            }
            Self::NetworkSilent => block(place, Blocked { to_server: true, to_agent: true }).await?,
            Self::NetworkOneWay => block(place, Blocked { to_server: false, to_agent: true }).await?,
            Self::NetworkSlow => {
                place.network.slow_down(Some(SLOW));
                bad_network(place).await?;
                place.network.slow_down(None);
            }
        }
        let (mended, before) = (Instant::now(), place.acknowledged());
        answers(place).await?;
        place.all_online().await?;
        // and something arrives again, of as many machines as there are
        until("measurements to arrive", POLL, async || {
            Ok((place.acknowledged() >= before + place.agents.len() as u64).then_some(()))
        })
        .await?;
        Ok(mended.elapsed())
    }
}

/// Ends the database's first process. Those it has started go on for a moment, and answer; the server starts it again by itself.
async fn end_database(place: &Place, signal: Signal) -> anyhow::Result<()> {
    let ended = place.database_pid()?;
    kill(Pid::from_raw(ended), signal).context("the database")?;
    until("another database process", POLL, async || {
        Ok(place.database_pid().ok().filter(|pid| *pid != ended).map(drop))
    })
    .await
}

async fn block(place: &Place, blocked: Blocked) -> anyhow::Result<()> {
    place.network.block(blocked);
    bad_network(place).await?;
    place.network.block(Blocked::default());
    Ok(())
}

/// Waits while the network is bad; an error when it was not.
async fn bad_network(place: &Place) -> anyhow::Result<()> {
    let before = place.acknowledged();
    tokio::time::sleep(AWAY).await;
    let arrived = (place.acknowledged() - before) as f64;
    let usual = place.agents.len() as f64 * AWAY.as_secs_f64() / METRICS_EVERY.as_secs_f64();
    ensure!(arrived < ARRIVES_MAX * usual, "{arrived} measurements arrived, as if nothing were wrong");
    Ok(())
}

/// Waits until a page with data is answered.
async fn answers(place: &Place) -> anyhow::Result<()> {
    let (client, url) = (http_client()?, format!("{}/api/agents?limit=1", place.origin()));
    until("the server to answer", POLL, async || {
        let answer = client.get(&url).bearer_auth(&place.token).send().await;
        Ok(answer.is_ok_and(|answer| answer.status().is_success()).then_some(()))
    })
    .await
}

/// A process and those it has started.
fn with_children(pid: i32) -> anyhow::Result<Vec<Pid>> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    let children = children.split_whitespace().filter_map(|child| child.parse().ok()).map(Pid::from_raw);
    Ok(std::iter::once(Pid::from_raw(pid)).chain(children).collect())
}

fn signal(processes: &[Pid], signal: Signal) {
    for process in processes {
        // one of them may have ended meanwhile
        kill(*process, signal).ok();
    }
}
