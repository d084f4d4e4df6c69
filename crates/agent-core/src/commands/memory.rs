//! The ids an agent remembers, so that none runs twice.

use std::collections::BTreeMap;

use gururmm_ids::CommandId;
use gururmm_protocol::command::Order;
use jiff::{SignedDuration, Timestamp};

use super::Action;

/// Ids that are remembered at most.
pub const SEEN_MAX: usize = 20_000;

/// How long after its expiry an id is remembered.
const KEPT_AFTER_EXPIRY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The longest life of an order: how long an early cancellation may have to wait for it.
const ORDER_LIFE_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How many are forgotten at once when there are too many.
const FORGET_AT_ONCE: usize = 1_000;

/// What became of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It may have started, and has no result yet.
    Accepted,
    /// It has its result.
    Ended,
    /// It was cancelled before its order came.
    CancelledEarly,
}

/// One remembered id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The command.
    pub command_id: CommandId,
    /// When its order was signed.
    pub issued_at: Timestamp,
    /// When its order expires.
    pub expires_at: Timestamp,
    /// What became of it.
    pub fate: Fate,
}

impl Remembered {
    /// An order, and what became of it.
    pub(super) fn of(order: &Order, fate: Fate) -> Self {
        Self { command_id: order.command_id, issued_at: order.issued_at, expires_at: order.expires_at, fate }
    }

    /// A cancellation whose order has not come.
    pub(super) fn cancelled_early(command_id: CommandId, now: Timestamp) -> Self {
        let expires_at = now.saturating_add(ORDER_LIFE_MAX).unwrap_or(Timestamp::MAX);
        Self { command_id, issued_at: now, expires_at, fate: Fate::CancelledEarly }
    }
}

#[derive(Debug)]
pub(super) struct Memory {
    max: usize,
    entries: BTreeMap<CommandId, (Timestamp, Timestamp, Fate)>,
    not_before: Option<Timestamp>,
}

impl Memory {
    /// Remembers up to `max` ids, and those that have no result yet.
    pub(super) fn new(max: usize, not_before: Option<Timestamp>) -> Self {
        Self { max, entries: BTreeMap::new(), not_before }
    }

    pub(super) fn not_before(&self) -> Option<Timestamp> {
        self.not_before
    }

    pub(super) fn fate(&self, id: CommandId) -> Option<Fate> {
        self.entries.get(&id).map(|(_, _, fate)| *fate)
    }

    pub(super) fn insert(&mut self, entry: Remembered) {
        self.entries.insert(entry.command_id, (entry.issued_at, entry.expires_at, entry.fate));
    }

    pub(super) fn set_ended(&mut self, id: CommandId) {
        if let Some((_, _, fate)) = self.entries.get_mut(&id) {
            *fate = Fate::Ended;
        }
    }

    pub(super) fn refuse_before(&mut self, time: Timestamp) -> Action {
        self.not_before = self.not_before.max(Some(time));
        Action::Forget { ids: Vec::new(), not_before: self.not_before }
    }

    /// A limit that was set while the server's clock was wrong lies in the future: it would refuse everything until then.
    pub(super) fn refuse_not_beyond(&mut self, now: Timestamp) -> Option<Action> {
        if self.not_before.is_none_or(|limit| limit <= now) {
            return None;
        }
        self.not_before = Some(now);
        Some(Action::Forget { ids: Vec::new(), not_before: self.not_before })
    }

    /// Forgets what can no longer come, and, if that is not enough, the oldest.
    pub(super) fn make_room(&mut self, now: Timestamp) -> Option<Action> {
        if self.entries.len() < self.max {
            return None;
        }
        let long_ago = now.saturating_sub(KEPT_AFTER_EXPIRY).unwrap_or(Timestamp::MIN);
        let can_go = |fate: Fate| fate != Fate::Accepted;
        let mut ids: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, (_, expires_at, fate))| can_go(*fate) && *expires_at < long_ago)
            .map(|(id, _)| *id)
            .collect();
        if ids.is_empty() {
            let mut by_age: Vec<_> = self.entries.iter().filter(|(_, (_, _, fate))| can_go(*fate)).collect();
            by_age.sort_unstable_by_key(|(_, (issued_at, _, _))| *issued_at);
            by_age.truncate(FORGET_AT_ONCE);
            // an order of exactly that moment is refused too
            let youngest = by_age.last().map(|(_, (issued_at, _, _))| *issued_at)?;
            let limit = youngest.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX);
            self.not_before = self.not_before.max(Some(limit));
            ids = by_age.into_iter().map(|(id, _)| *id).collect();
        }
        for id in &ids {
            self.entries.remove(id);
        }
        Some(Action::Forget { ids, not_before: self.not_before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(second: i64, fate: Fate) -> Remembered {
        let issued_at = Timestamp::from_second(second).unwrap();
        let expires_at = Timestamp::from_second(second + 60).unwrap();
        Remembered { command_id: CommandId::generate(), issued_at, expires_at, fate }
    }

    #[test]
    fn what_expired_long_ago_is_forgotten_first() {
        let mut memory = Memory::new(SEEN_MAX, None);
        let old = entry(0, Fate::Ended);
        memory.insert(old.clone());
        for second in 0..SEEN_MAX as i64 {
            memory.insert(entry(10_000_000 + second, Fate::Ended));
        }
        let now = Timestamp::from_second(10_020_000).unwrap();
        let forgotten = memory.make_room(now);
        assert_eq!(forgotten, Some(Action::Forget { ids: vec![old.command_id], not_before: None }));
    }

    #[test]
    fn forgetting_the_young_closes_the_time_they_came_from() {
        let mut memory = Memory::new(SEEN_MAX, None);
        for second in 0..SEEN_MAX as i64 {
            memory.insert(entry(second, Fate::Ended));
        }
        let now = Timestamp::from_second(30_000).unwrap();
        let Some(Action::Forget { ids, not_before }) = memory.make_room(now) else { panic!("nothing forgotten") };
        assert_eq!(ids.len(), FORGET_AT_ONCE);
        assert!(not_before.unwrap() > Timestamp::from_second(999).unwrap());
        assert!(not_before.unwrap() < Timestamp::from_second(1000).unwrap());
    }
}
