//! The store: records on their way to the server, and the ids of commands.
//!
//! One SQLite file, written by one thread that gathers what has come in meanwhile into one transaction with one sync.
//! Guarantees:
//!
//! * A record leaves the disk only after the server has acknowledged it.
//! * A sequence number is never used twice, although records are sent before they are synced: numbers are handed out from a
//!   block that was reserved on disk before, and a restart begins behind the block. Gaps are harmless to the server.
//! * A command's result is sent only once it is on disk, together with the fate of its id, so that a crash cannot give a
//!   command two results.
//! * When the disk is full, some room that was held for this is given up; without any, a store that opens lives in memory, and
//!   what is on disk no longer counts as a memory.
//! * When the disk is full, or the spool, the oldest metrics go first; other records are never dropped.
//! * A record that the disk gives back damaged is left out, so that it holds up no other. A damaged result breaks the store:
//!   only a start without it makes the server see that the command has no result.

mod ballast;
mod numbering;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod worker;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use gururmm_agent_core::commands::memory::Remembered;
use gururmm_ids::{AgentId, CommandId, SpoolId};
use gururmm_protocol::message::AgentMessage;
use gururmm_protocol::record::{Body, Record};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use ballast::Ballast;
use numbering::{Numbering, Pending};
use schema::Content;
pub(crate) use schema::{StoreError, ahead_of_wall, create_anew, depth, move_aside, remove};
use worker::{Operation, Row, Shared, Worker};

/// Operations that may wait for the disk; who brings more waits.
const QUEUE: usize = 256;

/// How much the spool may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) metrics: u64,
}

impl Limits {
    /// For a store without a disk: an agent has 10 MB for everything.
    const IN_MEMORY: Self = Self { bytes: 2 * 1024 * 1024, metrics: 500 };
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 * 1024 * 1024, metrics: 10_000 }
    }
}

/// What the disk remembered.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) remembered: Vec<Remembered>,
    pub(crate) not_before: Option<Timestamp>,
    /// The memory of ids was lost and the time since which it is complete is not yet set.
    pub(crate) memory_lost: bool,
    pub(crate) ahead_of_wall: SignedDuration,
}

/// A record ready to be sent: its number and its JSON.
pub(crate) type Ready = (u64, Arc<str>);

/// A handle; clones share the same store.
#[derive(Clone)]
pub(crate) struct Store {
    shared: Arc<Shared>,
    numbering: Arc<Mutex<Numbering>>,
    operations: Sender<Operation>,
    permits: Arc<Semaphore>,
    spool_id: Arc<Mutex<SpoolId>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Store {
    /// Opens the store of `agent_id`. A damaged one is moved aside. `broken` is cancelled when damage shows later; then the
    /// caller closes it and moves it aside, since a look at the file from outside may not show that damage.
    pub(crate) fn open(
        path: &Path,
        agent_id: AgentId,
        limits: Limits,
        broken: CancellationToken,
    ) -> Result<Opened, StoreError> {
        let mut ballast = Ballast::of(path);
        let content = schema::open(path, agent_id, &mut ballast)?;
        let limits = if content.is_in_memory { Limits::IN_MEMORY } else { limits };
        Self::start(content, ballast, limits, broken)
    }

    fn start(
        content: Content,
        ballast: Ballast,
        limits: Limits,
        broken: CancellationToken,
    ) -> Result<Opened, StoreError> {
        let shared = Arc::new(Shared::new(limits, content.totals));
        let numbering = Arc::new(Mutex::new(Numbering::new(content.known, content.next, content.reserved)));
        let permits = Arc::new(Semaphore::new(QUEUE));
        let (operations, incoming) = mpsc::channel();
        let mut worker = Worker::new(content.connection, shared.clone(), numbering.clone(), permits.clone(), broken);
        if !content.is_in_memory {
            worker.give_up_when_full(ballast);
        }
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .stack_size(512 * 1024)
            .spawn(move || worker.work(&incoming))
            .map_err(StoreError::Thread)?;
        let store = Self {
            shared,
            numbering,
            operations,
            permits,
            spool_id: Arc::new(Mutex::new(content.spool_id)),
            thread: Arc::new(Mutex::new(Some(thread))),
        };
        Ok(Opened {
            store,
            remembered: content.remembered,
            not_before: content.not_before,
            memory_lost: content.memory_lost,
            ahead_of_wall: content.ahead_of_wall,
        })
    }

    /// Remembers an id durably. It has its place in the order of the writes when this returns; the answer, whether it is on
    /// disk, comes later.
    pub(crate) async fn remember(&self, entry: Remembered) -> impl Future<Output = bool> + use<> {
        let (done, answer) = oneshot::channel();
        self.send(Operation::Remember { entry, done }).await;
        async { answer.await.unwrap_or(false) }
    }

    /// Remembers an id with the next write.
    pub(crate) async fn note(&self, entry: Remembered) {
        self.send(Operation::Note(entry)).await;
    }

    /// Forgets ids, and sets the time before which no order is accepted.
    pub(crate) async fn forget(&self, ids: Vec<CommandId>, not_before: Option<Timestamp>) {
        self.send(Operation::Forget { ids, not_before }).await;
    }

    /// Keeps how far the server's clock is ahead of this machine's.
    pub(crate) async fn keep_clock(&self, ahead_of_wall: SignedDuration) {
        self.send(Operation::Clock(ahead_of_wall)).await;
    }

    /// Whether output and metrics may be added: neither the spool nor the disk is full.
    pub(crate) fn has_room(&self) -> bool {
        self.shared.has_room()
    }

    /// Adds a record. It may be sent at once, except a result, which waits for the disk.
    pub(crate) async fn append(&self, recorded_at: Timestamp, body: Body) {
        self.add(recorded_at, body, None).await;
    }

    /// Adds a result together with its id, which was not remembered before.
    pub(crate) async fn append_remembering(&self, recorded_at: Timestamp, body: Body, entry: Remembered) {
        self.add(recorded_at, body, Some(entry)).await;
    }

    async fn add(&self, recorded_at: Timestamp, body: Body, entry: Option<Remembered>) {
        let Ok(permit) = self.permits.acquire().await else { return };
        permit.forget();
        {
            // number and queue in one step: the order on disk is the order of the numbers
            let mut numbering = self.numbering.lock();
            let Some(sequence) = numbering.take() else {
                drop(numbering);
                self.permits.add_permits(1);
                tracing::error!("a record was dropped: the disk has refused to reserve numbers for too long");
                return;
            };
            let (kind, command_id) = worker::kind_of(&body);
            let message = AgentMessage::Record(Box::new(Record { sequence, recorded_at, body }));
            let json: Arc<str> = serde_json::to_string(&message).unwrap_or_default().into();
            numbering.push(Pending { sequence, json: json.clone(), waits_for_disk: kind == worker::KIND_RESULT });
            let _ = self.operations.send(Operation::Insert(Row { sequence, kind, command_id, json, entry }));
        }
        self.shared.changed.notify_one();
    }

    /// The server has committed everything up to `sequence`.
    pub(crate) fn acknowledged(&self, sequence: u64) {
        self.shared.acknowledged.fetch_max(sequence, Ordering::AcqRel);
        // no permit: at most one is on its way
        if !self.shared.acknowledgement_queued.swap(true, Ordering::AcqRel) {
            let _ = self.operations.send(Operation::Acknowledged);
        }
    }

    /// Up to `limit` records after `after` that may be sent now, in order.
    pub(crate) async fn ready(&self, after: u64, limit: usize) -> Vec<Ready> {
        if let Some(ready) = self.numbering.lock().ready(after, limit) {
            return ready;
        }
        let (reply, answer) = oneshot::channel();
        self.send(Operation::Read { after, limit, reply }).await;
        answer.await.unwrap_or_default()
    }

    /// Records up to `sequence` were sent: memory need not keep them.
    pub(crate) fn sent(&self, sequence: u64) {
        self.numbering.lock().sent(sequence);
    }

    /// Told when there may be more to send.
    pub(crate) fn changed(&self) -> &Notify {
        &self.shared.changed
    }

    /// Commands that have records which are not acknowledged.
    pub(crate) async fn commands_with_records(&self) -> Vec<CommandId> {
        let (reply, answer) = oneshot::channel();
        self.send(Operation::Commands { reply }).await;
        answer.await.unwrap_or_default()
    }

    /// This life of the spool.
    pub(crate) fn spool_id(&self) -> SpoolId {
        *self.spool_id.lock()
    }

    /// Whether the server's mark is beyond what was numbered here: the disk is an older copy.
    pub(crate) fn is_behind(&self, mark: u64) -> bool {
        self.numbering.lock().is_behind(mark)
    }

    /// Begins another life of the spool, with the same records; the memory of ids counts as lost.
    pub(crate) async fn begin_another_life(&self) {
        let spool_id = SpoolId::generate();
        let (done, answer) = oneshot::channel();
        self.send(Operation::NewLife { spool_id, done }).await;
        if answer.await.unwrap_or(false) {
            *self.spool_id.lock() = spool_id;
        }
    }

    /// Waits until everything added before has been written, or refused by the disk.
    pub(crate) async fn settled(&self) {
        let (done, settled) = oneshot::channel();
        self.send(Operation::Settle { done }).await;
        let _ = settled.await;
    }

    /// Writes everything and closes the file.
    pub(crate) async fn close(&self) {
        self.send(Operation::Close).await;
        let thread = self.thread.lock().take();
        let joined = tokio::task::spawn_blocking(move || thread.map(JoinHandle::join));
        let _ = joined.await;
    }

    async fn send(&self, operation: Operation) {
        if let Ok(permit) = self.permits.acquire().await {
            permit.forget();
            let _ = self.operations.send(operation);
        }
    }
}
