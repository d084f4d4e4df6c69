//! The bounded queue between sockets and the batcher.

use std::sync::Arc;

use gururmm_ids::SpoolId;
use gururmm_protocol::metrics::{Disk, Metrics, Process};
use gururmm_protocol::network::{Interface, InterfaceAddress, NetworkState};
use gururmm_protocol::record::{Body, Record};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::gateway::Connection;

/// Records that may wait.
const ITEMS_MAX: usize = 8_192;
/// Memory that waiting records may take, kibibytes.
const KIB_MAX: usize = 64 * 1024;

/// A record and where it came from.
#[derive(Debug)]
pub struct Item {
    /// Whose; its mark is moved after the commit.
    pub connection: Arc<Connection>,
    /// The life of the spool it belongs to.
    pub spool_id: SpoolId,
    /// The record.
    pub record: Record,
}

impl Item {
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

/// A place in the queue.
#[derive(Debug)]
pub struct Room {
    place: Option<mpsc::OwnedPermit<Queued>>,
    memory: Option<OwnedSemaphorePermit>,
}

/// An item that holds its share of the memory until it is written.
#[derive(Debug)]
pub struct Queued {
    pub(super) item: Item,
    _memory: Option<OwnedSemaphorePermit>,
}

/// The sending side.
#[derive(Clone, Debug)]
pub struct IngestQueue {
    items: mpsc::Sender<Queued>,
    memory: Arc<Semaphore>,
}

/// The batcher's side.
pub type ItemReceiver = mpsc::Receiver<Queued>;

impl IngestQueue {
    /// An empty queue.
    pub fn new() -> (Self, ItemReceiver) {
        let (items, receiver) = mpsc::channel(ITEMS_MAX);
        (Self { items, memory: Arc::new(Semaphore::new(KIB_MAX)) }, receiver)
    }

    /// Waits for room for a record of `size` bytes. Cancel-safe.
    pub async fn room(&self, size: usize) -> Room {
        let kib = u32::try_from(size.div_ceil(1024).clamp(1, KIB_MAX)).unwrap_or(1);
        let memory = Arc::clone(&self.memory).acquire_many_owned(kib).await.ok();
        let place = self.items.clone().reserve_owned().await.ok();
        Room { place, memory }
    }

    /// Puts a record into its room. While the server stops there is none: the record was not acknowledged and comes again.
    pub fn push(&self, item: Option<Item>, room: Room) {
        if let (Some(item), Some(place)) = (item, room.place) {
            place.send(Queued { item, _memory: room.memory });
        }
    }

    /// Records that wait.
    pub fn len(&self) -> usize {
        self.items.max_capacity() - self.items.capacity()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
