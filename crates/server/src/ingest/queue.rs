//! The bounded queue between sockets and the writers. Each agent belongs to one writer, which keeps its records in order.

use std::sync::Arc;

use gururmm_ids::{AgentId, SpoolId};
use gururmm_protocol::metrics::{Disk, Metrics, Process};
use gururmm_protocol::network::{Interface, InterfaceAddress, NetworkState};
use gururmm_protocol::record::{Body, Record};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::bounds::bound;
use crate::gateway::Connection;
use crate::platform::db::BATCHES_AT_ONCE;

/// Records that may wait, those that are being written among them.
const ITEMS_MAX: usize = 8_192;
/// Memory that they may take, kibibytes.
const KIB_MAX: usize = 64 * 1024;

/// A record and where it came from.
#[derive(Debug)]
pub struct Item {
    /// Whose; its mark is moved after the commit.
    pub(super) connection: Arc<Connection>,
    /// The life of the spool it belongs to.
    pub(super) spool_id: SpoolId,
    pub(super) record: Record,
}

impl Item {
    /// A record as it came, brought within bounds.
    pub fn new(connection: Arc<Connection>, spool_id: SpoolId, mut record: Record) -> Self {
        bound(&mut record.body);
        Self { connection, spool_id, record }
    }

    /// What it takes in memory, roughly, bytes.
    pub fn size(&self) -> usize {
        let body = match &self.record.body {
            Body::Metrics(metrics) => metrics_size(metrics),
            Body::NetworkState(state) => network_size(state),
            Body::CommandOutput(output) => output.data.len(),
            Body::CommandResult(result) => result.reason.as_ref().map_or(0, String::len),
            Body::CommandStarted { .. } | Body::Unknown => 0,
        };
        body + 512
    }
}

fn metrics_size(metrics: &Metrics) -> usize {
    let processes = metrics.top_cpu.iter().chain(&metrics.top_memory);
    let processes = processes
        .map(|process| size_of::<Process>() + process.name.len() + process.user.as_ref().map_or(0, String::len));
    let disks = metrics.disks.iter().map(|disk| size_of::<Disk>() + disk.mount.len());
    processes.sum::<usize>() + disks.sum::<usize>() + metrics.logged_in_user.as_ref().map_or(0, String::len)
}

fn network_size(state: &NetworkState) -> usize {
    let interface = |interface: &Interface| {
        size_of::<Interface>() + interface.name.len() + interface.addresses.len() * size_of::<InterfaceAddress>()
    };
    state.interfaces.iter().map(interface).sum()
}

/// Room for one item.
#[derive(Debug)]
pub struct Room {
    _place: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

/// An item that holds its room until it is written.
#[derive(Debug)]
pub struct Queued {
    pub(super) item: Item,
    _room: Room,
}

/// The sending side.
#[derive(Clone, Debug)]
pub struct IngestQueue {
    /// Bounded by the room that there is.
    writers: Vec<mpsc::UnboundedSender<Queued>>,
    places: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

/// A writer's side.
pub type ItemReceiver = mpsc::UnboundedReceiver<Queued>;

impl IngestQueue {
    /// An empty queue and the sides of its writers.
    pub fn new() -> (Self, Vec<ItemReceiver>) {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (writers, receivers) = (0..cores.min(BATCHES_AT_ONCE as usize)).map(|_| mpsc::unbounded_channel()).unzip();
        let (places, memory) = (Arc::new(Semaphore::new(ITEMS_MAX)), Arc::new(Semaphore::new(KIB_MAX)));
        (Self { writers, places, memory }, receivers)
    }

    /// Puts an item in if there is room at once.
    pub fn try_push(&self, item: Item) -> Result<(), Item> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let memory = Arc::clone(&self.memory).try_acquire_many_owned(kib(item.size()));
        let (Ok(place), Ok(memory)) = (place, memory) else { return Err(item) };
        self.push(item, Room { _place: place, _memory: memory });
        Ok(())
    }

    /// Waits for room for an item. Cancel-safe.
    pub async fn room(&self, item: &Item) -> Option<Room> {
        let memory = Arc::clone(&self.memory).acquire_many_owned(kib(item.size())).await.ok()?;
        let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
        Some(Room { _place: place, _memory: memory })
    }

    /// Puts an item into its room. When the writers are gone it is dropped: it was not acknowledged and comes again.
    pub fn push(&self, item: Item, room: Room) {
        self.writer(item.connection.agent_id).send(Queued { item, _room: room }).ok();
    }

    /// The writer of an agent: always the same, so two batches never hold records of one agent.
    fn writer(&self, agent_id: AgentId) -> &mpsc::UnboundedSender<Queued> {
        // the last bits of an id are random
        let place = agent_id.as_uuid().as_u128() % self.writers.len() as u128;
        &self.writers[place as usize]
    }

    /// Records that wait.
    pub fn len(&self) -> usize {
        ITEMS_MAX - self.places.available_permits()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn kib(size: usize) -> u32 {
    u32::try_from(size.div_ceil(1024).clamp(1, KIB_MAX)).unwrap_or(1)
}
