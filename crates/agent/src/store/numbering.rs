//! Sequence numbers, and the newest records in memory on their way to the socket.

use std::collections::VecDeque;
use std::sync::Arc;

use gururmm_protocol::limits::RECORDS_IN_FLIGHT_MAX;

use super::{QUEUE, Ready};

/// Numbers reserved on disk at once.
pub(super) const BLOCK: u64 = 10_000;

/// How far the server's mark may be beyond what is on disk after a crash: records are sent before they are written.
const UNWRITTEN_MAX: u64 = (QUEUE + RECORDS_IN_FLIGHT_MAX) as u64;

/// Newest records kept in memory, bytes of JSON. Older ones are read from disk when a connection needs them.
const MEMORY_MAX: usize = 128 * 1024;

#[derive(Debug)]
pub(super) struct Pending {
    pub(super) sequence: u64,
    pub(super) json: Arc<str>,
    pub(super) waits_for_disk: bool,
}

/// Hands out numbers. Everything above `floor` is in `newest`, in order.
#[derive(Debug)]
pub(super) struct Numbering {
    /// Earlier runs are known to have reached this.
    known: u64,
    /// The first number of this run.
    first: u64,
    next: u64,
    reserved: u64,
    on_disk: u64,
    floor: u64,
    newest: VecDeque<Pending>,
    bytes: usize,
}

impl Numbering {
    /// `next` is behind everything ever handed out; numbers below `reserved` may be. Earlier runs are known to
    /// have reached `known`.
    pub(super) fn new(known: u64, next: u64, reserved: u64) -> Self {
        Self {
            known,
            first: next,
            next,
            reserved,
            on_disk: next - 1,
            floor: next - 1,
            newest: VecDeque::new(),
            bytes: 0,
        }
    }

    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Whether the server has a number that this disk cannot have seen handed out.
    pub(super) fn is_behind(&self, mark: u64) -> bool {
        mark >= self.next || (mark < self.first && mark > self.known.saturating_add(UNWRITTEN_MAX))
    }

    /// The next number, or `None` when no reserved one is left.
    pub(super) fn take(&mut self) -> Option<u64> {
        (self.next < self.reserved).then(|| {
            self.next += 1;
            self.next - 1
        })
    }

    /// How far the reservation should reach, if it should be moved now.
    pub(super) fn wanted_reservation(&self) -> Option<u64> {
        (self.next + BLOCK / 2 > self.reserved).then_some(self.next + BLOCK)
    }

    pub(super) fn set_reserved(&mut self, reserved: u64) {
        self.reserved = self.reserved.max(reserved);
    }

    /// Everything up to here is on disk, or the disk refuses and waiting for it helps nobody.
    pub(super) fn set_on_disk(&mut self, sequence: u64) {
        self.on_disk = self.on_disk.max(sequence);
    }

    pub(super) fn push(&mut self, pending: Pending) {
        self.bytes += pending.json.len();
        self.newest.push_back(pending);
        while self.bytes > MEMORY_MAX && self.newest.len() > 1 {
            self.drop_oldest();
        }
    }

    /// What may be sent after `after`, or `None` when memory does not reach back that far.
    pub(super) fn ready(&self, after: u64, limit: usize) -> Option<Vec<Ready>> {
        (after >= self.floor).then(|| {
            let start = self.newest.partition_point(|pending| pending.sequence <= after);
            self.newest
                .range(start..)
                .take_while(|pending| !pending.waits_for_disk || pending.sequence <= self.on_disk)
                .take(limit)
                .map(|pending| (pending.sequence, pending.json.clone()))
                .collect()
        })
    }

    pub(super) fn sent(&mut self, sequence: u64) {
        while self.newest.front().is_some_and(|pending| pending.sequence <= sequence) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(pending) = self.newest.pop_front() {
            self.bytes -= pending.json.len();
            self.floor = pending.sequence;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(sequence: u64, waits_for_disk: bool, bytes: usize) -> Pending {
        Pending { sequence, json: "x".repeat(bytes).into(), waits_for_disk }
    }

    fn numbers(ready: Option<Vec<Ready>>) -> Vec<u64> {
        ready.unwrap().into_iter().map(|(sequence, _)| sequence).collect()
    }

    #[test]
    fn numbers_come_only_from_the_reserved_block() {
        let mut numbering = Numbering::new(0, 5, 7);
        assert_eq!((numbering.take(), numbering.take(), numbering.take()), (Some(5), Some(6), None));
        assert_eq!(numbering.wanted_reservation(), Some(7 + BLOCK));
        numbering.set_reserved(7 + BLOCK);
        assert_eq!(numbering.wanted_reservation(), None);
        assert_eq!(numbering.take(), Some(7));
    }

    #[test]
    fn a_result_and_what_follows_wait_for_the_disk() {
        let mut numbering = Numbering::new(0, 1, 100);
        for (sequence, waits) in [(1, false), (2, true), (3, false)] {
            numbering.push(pending(sequence, waits, 10));
        }
        assert_eq!(numbers(numbering.ready(0, 10)), [1]);
        numbering.set_on_disk(2);
        assert_eq!(numbers(numbering.ready(0, 10)), [1, 2, 3]);
        assert_eq!(numbers(numbering.ready(2, 10)), [3]);
    }

    #[test]
    fn memory_is_bounded_and_says_when_it_does_not_reach_back() {
        let mut numbering = Numbering::new(0, 1, 100);
        for sequence in 1..=4 {
            numbering.push(pending(sequence, false, MEMORY_MAX / 2));
        }
        assert!(numbering.ready(0, 10).is_none());
        assert_eq!(numbers(numbering.ready(2, 10)), [3, 4]);
        numbering.sent(4);
        assert_eq!(numbers(numbering.ready(4, 10)), Vec::<u64>::new());
        assert!(numbering.ready(3, 10).is_none());
    }
}
