//! What a machine has to tell and the server has not acknowledged; in memory, bounded as a real agent's is on disk.

use std::collections::VecDeque;

use gururmm_protocol::record::{Body, Record};
use jiff::Timestamp;

/// Records that are kept; beyond, the oldest measurement goes.
const RECORDS_MAX: usize = 20_000;

/// Records in order.
#[derive(Debug)]
pub(super) struct Spool {
    records: VecDeque<Record>,
    next: u64,
}

impl Spool {
    pub(super) fn new() -> Self {
        Self { records: VecDeque::new(), next: 1 }
    }

    /// Adds a record; false when a measurement had to go for it.
    pub(super) fn push(&mut self, recorded_at: Timestamp, body: Body) -> bool {
        let sequence = self.next;
        self.next += 1;
        self.records.push_back(Record { sequence, recorded_at, body });
        if self.records.len() <= RECORDS_MAX {
            return true;
        }
        let place = self.records.iter().position(|record| matches!(record.body, Body::Metrics(_))).unwrap_or(0);
        self.records.remove(place);
        false
    }

    /// The first record after this one.
    pub(super) fn after(&self, sequence: u64) -> Option<&Record> {
        let place = self.records.partition_point(|record| record.sequence <= sequence);
        self.records.get(place)
    }

    /// Forgets what is acknowledged.
    pub(super) fn acknowledged(&mut self, sequence: u64) -> Vec<Record> {
        let count = self.records.partition_point(|record| record.sequence <= sequence);
        self.records.drain(..count).collect()
    }

    /// Commands with records that are not acknowledged.
    pub(super) fn commands(&self) -> impl Iterator<Item = gururmm_ids::CommandId> {
        self.records.iter().filter_map(|record| match &record.body {
            Body::CommandStarted { command_id } => Some(*command_id),
            Body::CommandOutput(output) => Some(output.command_id),
            Body::CommandResult(result) => Some(result.command_id),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_in_order_and_only_when_acknowledged() {
        let mut spool = Spool::new();
        for _ in 0..3 {
            assert!(spool.push(Timestamp::UNIX_EPOCH, Body::Unknown));
        }
        assert_eq!(spool.after(0).unwrap().sequence, 1);
        assert_eq!(spool.after(2).unwrap().sequence, 3);
        assert!(spool.after(3).is_none());
        assert_eq!(spool.acknowledged(2).len(), 2);
        assert_eq!(spool.acknowledged(2).len(), 0);
        assert_eq!(spool.after(0).unwrap().sequence, 3);
    }
}
