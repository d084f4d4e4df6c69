//! Thousands of simulated machines in one process.
//!
//! Each is a real agent without a machine: `agent-core` decides what it says and which commands start, a [`machine::Machine`] makes up
//! measurements and processes, and a task of its own talks to the server. What a machine is and measures follows from the seed and the
//! time alone: the same seed is the same fleet, and a history made up afterwards fits what is measured live.
//!
//! A [`ledger::Ledger`] counts every record that was made and every one that the server acknowledged; [`verify`] compares it with what
//! the server stored.

mod curves;
mod faults;
mod identities;
mod ledger;
mod limits;
mod machine;
mod names;
mod persona;
mod processes;
mod provider;
mod random;
mod session;
mod spool;
mod verify;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use faults::Faults;
pub use identities::{Identities, prepare};
pub use ledger::{Ledger, Summary};
pub use limits::require_files;
pub use machine::begins;
pub use names::{Organisation, Place};
pub use persona::Persona;
pub use provider::Provider;
pub use verify::{Verdict, verify};

use machine::Machine;
use session::Sessions;

/// Ports that one loopback address gives away at most, with room for others on this machine.
const PER_ADDRESS: usize = 10_000;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server's origin.
    pub server: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// The same seed is the same fleet.
    pub seed: u64,
    /// Time over which the machines connect for the first time.
    pub ramp: Duration,
    /// Time between two measurements; what the server wishes unless told.
    pub metrics_interval: Option<Duration>,
    /// What goes wrong.
    pub faults: Faults,
    /// Measurements of so much of the past are sent first.
    pub back_fill: Duration,
    /// Time between two measurements of the past; five minutes or the interval, whichever is longer, unless told.
    pub back_fill_step: Option<Duration>,
    /// Nothing of the past is told before this long after the start.
    pub back_fill_after: Duration,
}

/// Machines that live until they are stopped.
pub struct Fleet {
    /// What was sent and acknowledged.
    pub ledger: Arc<Ledger>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Fleet {
    /// Brings enrolled machines to life: spread over the ramp, each connects and stays.
    pub fn start(options: &Options, identities: Identities) -> Self {
        let ledger = Arc::new(Ledger::new(identities.len()));
        let stop = CancellationToken::new();
        let sessions = Arc::new(Sessions::new(options, ledger.clone()));
        let mut tasks = JoinSet::new();
        let count = identities.len().max(1);
        for (index, identity) in identities.into_iter().enumerate() {
            let persona = Persona::of(options.seed, index);
            let machine = Machine::new(persona, identity.agent_id, options);
            let (sessions, stop) = (sessions.clone(), stop.clone());
            let begins = options.ramp.mul_f64(index as f64 / count as f64);
            let address = source_address(index);
            tasks.spawn(async move {
                if stop.run_until_cancelled(tokio::time::sleep(begins)).await.is_some() {
                    session::live(&sessions, machine, identity, index, address, &stop).await;
                }
            });
        }
        Self { ledger, stop, tasks }
    }

    /// Lets every machine deliver what it holds, for at most `patience`, and ends them all.
    pub async fn stop(mut self, patience: Duration) -> Arc<Ledger> {
        self.ledger.stop_measuring();
        self.ledger.settled(patience).await;
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        self.ledger
    }
}

/// A loopback address for each group of machines, so that ports do not run out.
fn source_address(index: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(index / PER_ADDRESS + 1).unwrap_or(u8::MAX))
}
