//! The thread that writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use gururmm_agent_core::commands::memory::Remembered;
use gururmm_ids::{CommandId, SpoolId};
use gururmm_protocol::limits::COMMANDS_KNOWN_MAX;
use gururmm_protocol::record::Body;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use super::ballast::Ballast;
use super::numbering::Numbering;
use super::{Limits, Ready, rows, schema};

pub(super) const KIND_METRICS: i64 = 0;
const KIND_COMMAND: i64 = 1;
pub(super) const KIND_RESULT: i64 = 2;
const KIND_STATE: i64 = 3;

/// Operations in one transaction.
const BATCH: usize = 256;
/// How long acknowledged records may stay: they are removed with the next write, or after this.
const TIDY: Duration = Duration::from_secs(1);
/// Pause between attempts while the disk refuses.
const RETRY: Duration = Duration::from_secs(5);
/// Rows written after which the write-ahead log is folded into the file.
const CHECKPOINT_ROWS: usize = 256;
/// JSON read at once for a connection that catches up.
const READ_BYTES: usize = 256 * 1024;

/// How much there is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) bytes: u64,
    pub(super) metrics: u64,
}

/// What the handles see.
pub(super) struct Shared {
    pub(super) acknowledged: AtomicU64,
    pub(super) acknowledgement_queued: AtomicBool,
    pub(super) changed: Notify,
    limits: Limits,
    bytes: AtomicU64,
    metrics: AtomicU64,
    refused: AtomicBool,
}

impl Shared {
    pub(super) fn new(limits: Limits, totals: Totals) -> Self {
        Self {
            acknowledged: AtomicU64::new(0),
            acknowledgement_queued: AtomicBool::new(false),
            changed: Notify::new(),
            limits,
            bytes: AtomicU64::new(totals.bytes),
            metrics: AtomicU64::new(totals.metrics),
            refused: AtomicBool::new(false),
        }
    }

    pub(super) fn has_room(&self) -> bool {
        !self.refused.load(Ordering::Acquire) && self.totals().bytes <= self.limits.bytes
    }

    pub(super) fn totals(&self) -> Totals {
        Totals { bytes: self.bytes.load(Ordering::Acquire), metrics: self.metrics.load(Ordering::Acquire) }
    }

    fn set_totals(&self, totals: Totals) {
        self.bytes.store(totals.bytes, Ordering::Release);
        self.metrics.store(totals.metrics, Ordering::Release);
    }
}

/// A record as a row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) sequence: u64,
    pub(super) kind: i64,
    pub(super) command_id: Option<CommandId>,
    pub(super) json: Arc<str>,
    /// Remembered with it.
    pub(super) entry: Option<Remembered>,
}

/// How a record is filed.
pub(super) fn kind_of(body: &Body) -> (i64, Option<CommandId>) {
    match body {
        Body::Metrics(_) | Body::Unknown => (KIND_METRICS, None),
        Body::NetworkState(_) => (KIND_STATE, None),
        Body::CommandStarted { command_id } => (KIND_COMMAND, Some(*command_id)),
        Body::CommandOutput(output) => (KIND_COMMAND, Some(output.command_id)),
        Body::CommandResult(result) => (KIND_RESULT, Some(result.command_id)),
    }
}

pub(super) enum Operation {
    Insert(Row),
    Remember { entry: Remembered, done: oneshot::Sender<bool> },
    Note(Remembered),
    Forget { ids: Vec<CommandId>, not_before: Option<Timestamp> },
    Clock(SignedDuration),
    NewLife { spool_id: SpoolId, done: oneshot::Sender<bool> },
    Acknowledged,
    Read { after: u64, limit: usize, reply: oneshot::Sender<Vec<Ready>> },
    Commands { reply: oneshot::Sender<Vec<CommandId>> },
    Settle { done: oneshot::Sender<()> },
    Close,
}

impl Operation {
    /// Whether it waits in the bounded queue.
    fn has_permit(&self) -> bool {
        !matches!(self, Self::Acknowledged)
    }
}

/// Owner of the file.
pub(super) struct Worker {
    connection: Connection,
    shared: Arc<Shared>,
    numbering: Arc<Mutex<Numbering>>,
    permits: Arc<Semaphore>,
    broken: CancellationToken,
    ballast: Option<Ballast>,
    /// Writes that the disk refused; tried again with the next.
    unsaved: Vec<Operation>,
    removed_up_to: u64,
    rows_in_log: usize,
    closing: bool,
}

impl Worker {
    pub(super) fn new(
        connection: Connection,
        shared: Arc<Shared>,
        numbering: Arc<Mutex<Numbering>>,
        permits: Arc<Semaphore>,
        broken: CancellationToken,
    ) -> Self {
        Self {
            connection,
            shared,
            numbering,
            permits,
            broken,
            ballast: None,
            unsaved: Vec::new(),
            removed_up_to: 0,
            rows_in_log: 0,
            closing: false,
        }
    }

    /// Room that is given up when the disk is full.
    pub(super) fn give_up_when_full(&mut self, ballast: Ballast) {
        self.ballast = Some(ballast);
    }

    pub(super) fn work(mut self, incoming: &Receiver<Operation>) {
        loop {
            let batch = match self.wait(incoming) {
                Ok(batch) => batch,
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            self.take(batch);
            if self.closing {
                self.close();
                return;
            }
        }
    }

    /// The next operations; none when something else is due.
    fn wait(&self, incoming: &Receiver<Operation>) -> Result<Vec<Operation>, RecvTimeoutError> {
        let due = if !self.unsaved.is_empty() {
            Some(RETRY)
        } else if self.shared.acknowledged.load(Ordering::Acquire) > self.removed_up_to {
            Some(TIDY)
        } else {
            None
        };
        let first = match due {
            Some(due) => incoming.recv_timeout(due)?,
            None => incoming.recv().map_err(|_| RecvTimeoutError::Disconnected)?,
        };
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let Ok(next) = incoming.try_recv() else { break };
            batch.push(next);
        }
        Ok(batch)
    }

    fn take(&mut self, batch: Vec<Operation>) {
        let permits = batch.iter().filter(|operation| operation.has_permit()).count();
        let timer = batch.is_empty();
        let (mut writes, mut reads) = (std::mem::take(&mut self.unsaved), Vec::new());
        for operation in batch {
            match operation {
                Operation::Read { .. } | Operation::Commands { .. } | Operation::Settle { .. } => reads.push(operation),
                Operation::Close => self.closing = true,
                // removed when the timer fires or with the next write
                Operation::Acknowledged => self.shared.acknowledgement_queued.store(false, Ordering::Release),
                write => writes.push(write),
            }
        }
        if !writes.is_empty() || timer || self.closing {
            self.write(writes);
        }
        for read in reads {
            self.read(read);
        }
        self.permits.add_permits(permits);
        self.checkpoint();
    }

    fn write(&mut self, writes: Vec<Operation>) {
        let highest = writes.iter().filter_map(Operation::sequence).max();
        let wanted = self.numbering.lock().wanted_reservation();
        self.rows_in_log += writes.len() + 1;
        let mut outcome = self.transaction(&writes, wanted);
        if outcome.as_ref().is_err_and(schema::is_no_room) && self.ballast.as_mut().is_some_and(Ballast::release) {
            tracing::warn!("the disk is full; the agent goes on in the room that it held for this");
            outcome = self.transaction(&writes, wanted);
        }
        if let (Ok(()), Some(ballast)) = (&outcome, &mut self.ballast) {
            ballast.hold();
        }
        if let Err(error) = &outcome {
            self.report(error, "the agent's database could not be written");
        }
        for write in writes {
            match write {
                Operation::Remember { done, .. } | Operation::NewLife { done, .. } => {
                    let _ = done.send(outcome.is_ok());
                }
                write if outcome.is_err() => self.unsaved.push(write),
                _ => {}
            }
        }
        // what nobody tries again says nothing of the next write
        self.shared.refused.store(!self.unsaved.is_empty(), Ordering::Release);
        let mut numbering = self.numbering.lock();
        if let (Ok(()), Some(reserved)) = (&outcome, wanted) {
            numbering.set_reserved(reserved);
        }
        if let Some(highest) = highest {
            numbering.set_on_disk(highest);
        }
        drop(numbering);
        self.shared.changed.notify_one();
    }

    fn transaction(&mut self, writes: &[Operation], reserve: Option<u64>) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        let mut totals = self.shared.totals();
        let acknowledged = self.shared.acknowledged.load(Ordering::Acquire);
        // what goes makes room for what comes
        if acknowledged > self.removed_up_to {
            rows::remove(&transaction, "sequence <= ?1", acknowledged as i64, &mut totals)?;
            schema::set(&transaction, "acknowledged", &acknowledged.to_string())?;
        }
        for write in writes {
            rows::apply(&transaction, write, acknowledged, &mut totals)?;
        }
        rows::drop_metrics(&transaction, self.shared.limits, &mut totals)?;
        if let Some(reserve) = reserve {
            schema::set(&transaction, "reserved", &reserve.to_string())?;
        }
        transaction.commit()?;
        self.removed_up_to = acknowledged;
        self.shared.set_totals(totals);
        Ok(())
    }

    fn read(&self, read: Operation) {
        match read {
            Operation::Read { after, limit, reply } => {
                let _ = reply.send(self.known(self.records(after, limit)));
            }
            Operation::Commands { reply } => {
                let _ = reply.send(self.known(self.commands()));
            }
            Operation::Settle { done } => {
                let _ = done.send(());
            }
            _ => {}
        }
    }

    /// What was read; nothing when the disk does not tell all of it.
    fn known<T>(&self, read: rusqlite::Result<Vec<T>>) -> Vec<T> {
        read.unwrap_or_else(|error| {
            self.report(&error, "the agent's database could not be read");
            Vec::new()
        })
    }

    fn report(&self, error: &rusqlite::Error, what: &str) {
        tracing::error!(%error, "{what}");
        if schema::is_damage(error) {
            self.broken.cancel();
        }
    }

    /// Records in order and without a gap: an acknowledgement of one removes all before it.
    fn records(&self, after: u64, limit: usize) -> rusqlite::Result<Vec<Ready>> {
        let page = loop {
            let page = rows::read(&self.connection, after, limit, READ_BYTES)?;
            self.leave_out(&page.damaged)?;
            // a page of nothing but damage is not the end
            if !page.ready.is_empty() || page.damaged.is_empty() {
                break page;
            }
        };
        let mut ready = page.ready;
        if page.is_cut {
            return Ok(ready);
        }
        // what the disk refused is still to be sent; it comes behind everything on disk
        let unsaved = self.unsaved_rows().filter(|row| row.sequence > after);
        ready.extend(unsaved.take(limit - ready.len()).map(|row| (row.sequence, row.json.clone())));
        Ok(ready)
    }

    /// Removes records that cannot be read. Gaps are harmless to the server.
    fn leave_out(&self, damaged: &[i64]) -> rusqlite::Result<()> {
        let mut totals = self.shared.totals();
        for sequence in damaged {
            tracing::error!(sequence, "a record was damaged on the disk and is left out");
            rows::remove(&self.connection, "sequence = ?1", *sequence, &mut totals)?;
            self.shared.set_totals(totals);
        }
        Ok(())
    }

    fn commands(&self) -> rusqlite::Result<Vec<CommandId>> {
        let sql = "SELECT DISTINCT command_id FROM records WHERE command_id IS NOT NULL LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map([COMMANDS_KNOWN_MAX as i64], |row| row.get::<_, String>(0))?;
        let ids = ids.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut known: Vec<_> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        for id in self.unsaved_rows().filter_map(|row| row.command_id) {
            if !known.contains(&id) {
                known.push(id);
            }
        }
        Ok(known)
    }

    fn unsaved_rows(&self) -> impl Iterator<Item = &Row> {
        self.unsaved.iter().filter_map(|operation| match operation {
            Operation::Insert(row) => Some(row),
            _ => None,
        })
    }

    /// Nobody waits now.
    fn checkpoint(&mut self) {
        if self.rows_in_log > CHECKPOINT_ROWS {
            self.rows_in_log = 0;
            if let Err(error) = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
                tracing::warn!(%error, "the agent's database could not be tidied");
            }
        }
    }

    fn close(self) {
        // nothing is on its way any more: the next run need not skip the rest of the block
        let next = self.numbering.lock().next();
        if self.unsaved.is_empty() {
            let _ = schema::set(&self.connection, "reserved", &next.to_string());
        }
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "the agent's database was not closed cleanly");
        }
    }
}

impl Operation {
    fn sequence(&self) -> Option<u64> {
        match self {
            Self::Insert(row) => Some(row.sequence),
            _ => None,
        }
    }
}
