//! The running agent: starts the tasks, and ends them in order.
//!
//! On the way down commands end first, so that their results reach the spool; then the link delivers what it can; then the
//! store closes.

use std::sync::Arc;

use anyhow::Context as _;
use gururmm_agent_core::commands::memory::Fate;
use gururmm_agent_core::commands::{Action, Commands};
use gururmm_agent_os::paths::Paths;
use gururmm_agent_os::process::Containment;
use gururmm_agent_os::stop::StopSignal;
use gururmm_agent_os::supervisor;
use gururmm_clock::SystemClock;
use gururmm_ids::{AgentId, RunId};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::collector;
use crate::identity::{Identity, Kept};
use crate::link::{Link, LinkEnd, LinkTiming};
use crate::network;
use crate::rest::{Rest, RestLimits};
use crate::runner::{Held, Runner};
use crate::server_clock::ServerClock;
use crate::status::StatusFile;
use crate::store::{self, Limits, Opened, Store};

/// Orders that may wait for the runner.
const ORDERS: usize = 32;

/// Why the agent ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DaemonEnd {
    /// It was asked to.
    Stopped,
    /// The server removed it.
    Removed(String),
    /// The machine goes on with the record of this id.
    Renamed(AgentId),
}

/// Works until asked to stop.
pub(crate) async fn run(paths: &Paths, identity: &Identity) -> anyhow::Result<DaemonEnd> {
    let mut signal = StopSignal::listen().context("could not listen for stop signals")?;
    let broken = CancellationToken::new();
    let mut opened = Store::open(&paths.database(), identity.agent_id, Limits::default(), broken.clone())?;
    let store = opened.store.clone();
    let containment = Arc::new(Containment::open(paths.state_dir()));
    tracing::info!(version = crate::version::VERSION, containment = containment.mechanism(), "the agent starts");
    let (commands, first) = restore(identity, &mut opened, &containment).await;

    let clock = Arc::new(ServerClock::new(SystemClock::shared(), opened.ahead_of_wall));
    let (orders, incoming) = mpsc::channel(ORDERS);
    let (wishes, wished) = watch::channel(collector::until_told());
    let held = Held::default();
    let status = Arc::new(StatusFile::start(paths.status(), containment.mechanism()));
    let rest = Rest::open(paths.state_dir(), RestLimits::default());
    let link = Link {
        address: identity.address()?,
        identity: Arc::new(identity.for_session()?),
        kept: Kept::new(paths.identity(), identity.clone()),
        run_id: RunId::generate(),
        timing: LinkTiming::default(),
        store: store.clone(),
        rest: rest.clone(),
        clock: clock.clone(),
        held: held.clone(),
        commands: orders,
        wishes,
        status: status.clone(),
        memory_lost: opened.memory_lost,
    };
    let (stop_work, stop_link) = (CancellationToken::new(), CancellationToken::new());
    let state_dir = paths.state_dir().to_owned();
    let runner =
        Runner { commands, store: store.clone(), rest, clock: clock.clone(), containment, state_dir, held, incoming };
    let runner = tokio::spawn(runner.run(first, stop_work.clone()));
    let collector = tokio::spawn(collector::run(store.clone(), clock.clone(), wished.clone(), stop_work.clone()));
    let network = tokio::spawn(network::run(store.clone(), clock, wished, stop_work.clone()));
    let mut link = tokio::spawn(link.run(stop_link.clone()));
    supervisor::ready();

    let early = watch_over(&mut signal, &mut link, &broken).await;
    supervisor::stopping();
    stop_work.cancel();
    let _ = tokio::join!(runner, collector, network);
    // results travel only once they are on disk
    store.settled().await;
    stop_link.cancel();
    let end = match early {
        Some(end) => Some(end),
        None => link.await.ok(),
    };
    store.close().await;
    status.change(|status| status.connected_since = None);
    if broken.is_cancelled() {
        store::move_aside(&paths.database())?;
        anyhow::bail!("the agent's database was damaged and is moved aside; start the agent again to make a new one");
    }
    Ok(match end {
        Some(LinkEnd::Removed(message)) => DaemonEnd::Removed(message),
        Some(LinkEnd::Renamed(agent_id)) => DaemonEnd::Renamed(agent_id),
        Some(LinkEnd::Stopped) | None => DaemonEnd::Stopped,
    })
}

/// Ends what an agent that died left running, and begins with what it remembered.
async fn restore(identity: &Identity, opened: &mut Opened, containment: &Containment) -> (Commands, Vec<Action>) {
    // taken: there may be thousands, and the commands keep them from here on
    let remembered = std::mem::take(&mut opened.remembered);
    let unfinished: Vec<_> = remembered
        .iter()
        .filter(|entry| entry.fate == Fate::Accepted)
        .map(|entry| entry.command_id.to_string())
        .collect();
    // without a memory, everything that carries this agent's mark is a leftover
    let ended = containment.end_leftovers(|id| opened.memory_lost || unfinished.iter().any(|known| known == id)).await;
    if ended > 0 {
        tracing::warn!(commands = ended, "ended what an earlier run of the agent left running");
    }
    Commands::restore(identity.agent_id, opened.not_before, remembered)
}

/// Waits for a reason to end; `Some` when it is the link that ended.
async fn watch_over(
    signal: &mut StopSignal,
    link: &mut tokio::task::JoinHandle<LinkEnd>,
    broken: &CancellationToken,
) -> Option<LinkEnd> {
    let mut alive = supervisor::alive_interval().map(tokio::time::interval);
    loop {
        let beat = async {
            match &mut alive {
                Some(interval) => interval.tick().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            name = signal.received() => {
                tracing::info!(signal = name, "the agent stops");
                return None;
            }
            end = &mut *link => return end.ok().or(Some(LinkEnd::Stopped)),
            () = broken.cancelled() => return None,
            _ = beat => supervisor::alive(),
        }
    }
}
