//! Commands: which orders start, and how each ends.
//!
//! An *order* is what the server signed; it is *accepted* once its id is remembered on disk, and from then on it is *held*
//! until it has a result. Invariants, over any sequence of events and restarts:
//!
//! * an id starts at most once;
//! * every accepted order gets exactly one result;
//! * the recorded output of a stream is one contiguous piece from its first byte;
//! * what is kept of the rest is one contiguous piece from where the recorded one is full.
//!
//! Remembered ids are forgotten when their order has long expired, or, beyond [`memory::SEEN_MAX`], oldest first; then no
//! order issued before the youngest forgotten one is accepted any more, so forgetting can never make an id start twice.

mod check;
pub mod memory;
mod output;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use gururmm_ids::{AgentId, CommandId};
use gururmm_protocol::command::{OnDisconnect, Order, Outcome, Stream};
use gururmm_protocol::limits::{COMMANDS_HELD_MAX, COMMANDS_RUNNING_MAX};
use gururmm_protocol::record::{Body, CommandResult, Output};
use jiff::Timestamp;

use memory::{Fate, Memory, Remembered};
use output::Written;

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// An order came whose signature is the server's.
    Order(Box<Order>),
    /// The server cancels a command.
    Cancel(CommandId),
    /// [`Action::Remember`] is durable.
    Saved(CommandId),
    /// [`Action::Remember`] failed; nothing of it is on disk.
    SaveFailed(CommandId),
    /// The process runs.
    Started(CommandId),
    /// There is no process.
    StartFailed(CommandId, String),
    /// The process wrote something. Without `room` on the disk it is counted and not recorded.
    Output { command_id: CommandId, stream: Stream, data: Vec<u8>, room: bool },
    /// The process has ended, and one that it left behind still holds its output open: what that writes is not reported.
    LeftOpen(CommandId),
    /// The time limit has passed.
    TimedOut(CommandId),
    /// The process and, if it was killed, all its children are gone, or they survive the kill; all output was reported
    /// before.
    Exited(CommandId, Exit),
    /// The session ended.
    ConnectionLost,
    /// The agent stops: nothing begins any more, and what runs has a moment to end by itself. It may be what stops the agent.
    Stopping,
    /// The moment is over: everything that runs is to end.
    StopNow,
    /// The memory was lost, and now the server's time is known: what was issued before may have been run already.
    MemoryLost,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// It is gone and the system does not say how.
    Unknown(String),
    /// It was killed, and it or one of its children could not be ended in time.
    Survived,
}

const SURVIVED: &str = "some of its processes could not be ended";
const LEFT_OPEN: &str = "a process that it left running still has its output open; what that writes is not recorded";

/// What to do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Write this to disk durably, then report [`Event::Saved`] or [`Event::SaveFailed`].
    Remember(Remembered),
    /// Write this to disk; it holds no command back.
    Note(Remembered),
    /// Remove ids from disk, and set the time before which no order is accepted.
    Forget { ids: Vec<CommandId>, not_before: Option<Timestamp> },
    /// Start the process, with its time limit.
    Start(Box<Order>),
    /// End the process with all its children.
    Kill(CommandId),
    /// Spool a record. A result and the fate of its id are written together.
    Append(Body),
    /// Keep what is beyond [`OUTPUT_MAX`](gururmm_protocol::limits::OUTPUT_MAX), for whoever asks. It may fail.
    Keep(Output),
    /// Spool the result of an order that never starts, together with its id: one without the other would leave the order
    /// without an end, or give it two.
    Refuse(Remembered, CommandResult),
    /// Tell the operator.
    Warn(String),
}

#[derive(Debug)]
enum Phase {
    Saving(Box<Order>),
    Waiting(Box<Order>),
    Active { on_disconnect: OnDisconnect, timeout_seconds: u32, ending: Option<Ending> },
}

#[derive(Debug)]
struct Held {
    phase: Phase,
    written: Written,
    left_open: bool,
}

#[derive(Clone, Debug)]
struct Ending {
    outcome: Outcome,
    reason: Option<String>,
}

/// The commands of one agent.
#[derive(Debug)]
pub struct Commands {
    agent_id: AgentId,
    memory: Memory,
    held: BTreeMap<CommandId, Held>,
    waiting: VecDeque<CommandId>,
    stopping: bool,
}

impl Commands {
    /// Begins with what is on disk. What had been accepted without a result is interrupted; its processes are dead already.
    pub fn restore(
        agent_id: AgentId,
        not_before: Option<Timestamp>,
        stored: impl IntoIterator<Item = Remembered>,
    ) -> (Self, Vec<Action>) {
        Self::restore_remembering(memory::SEEN_MAX, agent_id, not_before, stored)
    }

    fn restore_remembering(
        seen_max: usize,
        agent_id: AgentId,
        not_before: Option<Timestamp>,
        stored: impl IntoIterator<Item = Remembered>,
    ) -> (Self, Vec<Action>) {
        let mut memory = Memory::new(seen_max, not_before);
        let mut actions = Vec::new();
        for mut entry in stored {
            if entry.fate == Fate::Accepted {
                entry.fate = Fate::Ended;
                let ending = Ending::new(Outcome::Interrupted, "the agent or the machine stopped while it ran");
                let result = result(entry.command_id, ending, None, &Written::default());
                actions.push(Action::Append(Body::CommandResult(result)));
            }
            memory.insert(entry);
        }
        (Self { agent_id, memory, held: BTreeMap::new(), waiting: VecDeque::new(), stopping: false }, actions)
    }

    /// Ids of everything that is held.
    pub fn held(&self) -> impl Iterator<Item = CommandId> {
        self.held.keys().copied()
    }

    /// Whether nothing is held.
    pub fn is_idle(&self) -> bool {
        self.held.is_empty()
    }

    /// Takes what happened at `now`, server time.
    pub fn on(&mut self, now: Timestamp, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Order(order) => self.order(now, order, &mut actions),
            Event::Cancel(id) => self.cancel(now, id, &mut actions),
            Event::Saved(id) => self.saved(id),
            Event::SaveFailed(id) => self.save_failed(id, &mut actions),
            Event::Started(id) => {
                if self.is_active(id) {
                    actions.push(Action::Append(Body::CommandStarted { command_id: id }));
                }
            }
            Event::StartFailed(id, reason) => {
                self.exited(id, Ending::new(Outcome::Failed, &reason), None, &mut actions);
            }
            Event::Output { command_id, stream, data, room } => {
                if let Some(held) = self.held.get_mut(&command_id) {
                    held.written.record(command_id, stream, &data, room, &mut actions);
                }
            }
            Event::LeftOpen(id) => {
                if let Some(held) = self.held.get_mut(&id) {
                    held.left_open = true;
                }
            }
            Event::TimedOut(id) => self.timed_out(id, &mut actions),
            Event::Exited(id, exit) => {
                if exit == Exit::Survived {
                    self.survived(id);
                }
                let (ending, code) = Ending::of_exit(exit);
                self.exited(id, ending, code, &mut actions);
            }
            Event::ConnectionLost => self.connection_lost(&mut actions),
            Event::Stopping => self.stop(false, &mut actions),
            Event::StopNow => self.stop(true, &mut actions),
            Event::MemoryLost => actions.push(self.memory.refuse_before(now)),
        }
        self.start_waiting(now, &mut actions);
        actions
    }

    fn order(&mut self, now: Timestamp, order: Box<Order>, actions: &mut Vec<Action>) {
        if order.agent_id != self.agent_id {
            actions.push(Action::Warn(format!("command {} is meant for another agent", order.command_id)));
            return;
        }
        if self.stopping {
            return;
        }
        // an order comes over a session, and every session tells the server's time
        actions.extend(self.memory.refuse_not_beyond(now));
        let ending = match self.memory.fate(order.command_id) {
            // repeats are normal: the server sends again what it saw no result of
            Some(Fate::Accepted | Fate::Ended) => return,
            Some(Fate::CancelledEarly) => Some(Ending::new(Outcome::Cancelled, "it was cancelled before it came")),
            None => check::refusal(now, &order, self.memory.not_before())
                .or_else(|| (self.held.len() >= COMMANDS_HELD_MAX).then(busy)),
        };
        actions.extend(self.memory.make_room(now));
        let fate = if ending.is_some() { Fate::Ended } else { Fate::Accepted };
        let entry = Remembered::of(&order, fate);
        self.memory.insert(entry.clone());
        if let Some(ending) = ending {
            let result = result(order.command_id, ending, None, &Written::default());
            actions.push(Action::Refuse(entry, result));
        } else {
            actions.push(Action::Remember(entry));
            let id = order.command_id;
            self.held.insert(id, Held { phase: Phase::Saving(order), written: Written::default(), left_open: false });
        }
    }

    fn cancel(&mut self, now: Timestamp, id: CommandId, actions: &mut Vec<Action>) {
        if self.held.contains_key(&id) {
            self.end(id, &Ending::new(Outcome::Cancelled, "it was cancelled"), actions);
        } else if self.memory.fate(id).is_none() {
            actions.extend(self.memory.make_room(now));
            let entry = Remembered::cancelled_early(id, now);
            self.memory.insert(entry.clone());
            actions.push(Action::Note(entry));
        }
    }

    fn saved(&mut self, id: CommandId) {
        let Some(held) = self.held.get_mut(&id) else { return };
        if let Phase::Saving(order) = &held.phase {
            held.phase = Phase::Waiting(order.clone());
            self.waiting.push_back(id);
        }
    }

    fn save_failed(&mut self, id: CommandId, actions: &mut Vec<Action>) {
        if self.held.get(&id).is_some_and(|held| matches!(held.phase, Phase::Saving(_))) {
            let reason = "the agent could not write to its disk, so it could not promise to run this only once";
            self.finish(id, Ending::new(Outcome::Failed, reason), None, actions);
        }
    }

    fn timed_out(&mut self, id: CommandId, actions: &mut Vec<Action>) {
        if let Some(Held { phase: Phase::Active { timeout_seconds, .. }, .. }) = self.held.get(&id) {
            let reason = format!("it ran longer than its limit of {timeout_seconds} seconds");
            self.end(id, &Ending::new(Outcome::Timeout, &reason), actions);
        }
    }

    fn exited(&mut self, id: CommandId, by_itself: Ending, code: Option<i32>, actions: &mut Vec<Action>) {
        let Some(Held { phase: Phase::Active { ending, .. }, left_open, .. }) = self.held.get(&id) else { return };
        match ending.clone() {
            Some(ending) => self.finish(id, ending, None, actions),
            None if *left_open => self.finish(id, by_itself.and(LEFT_OPEN), code, actions),
            None => self.finish(id, by_itself, code, actions),
        }
    }

    /// The reason of its end also tells that the end is not complete.
    fn survived(&mut self, id: CommandId) {
        let Some(Held { phase: Phase::Active { ending: Some(ending), .. }, .. }) = self.held.get_mut(&id) else {
            return;
        };
        *ending = ending.clone().and(SURVIVED);
    }

    fn connection_lost(&mut self, actions: &mut Vec<Action>) {
        let abort: Vec<_> = self.held.iter().filter(|(_, held)| held.phase.aborts()).map(|(id, _)| *id).collect();
        for id in abort {
            self.end(
                id,
                &Ending::new(Outcome::Interrupted, "the connection was lost, and it was to end then"),
                actions,
            );
        }
    }

    fn stop(&mut self, also_running: bool, actions: &mut Vec<Action>) {
        self.stopping = true;
        for id in self.held.keys().copied().filter(|id| also_running || !self.is_active(*id)).collect::<Vec<_>>() {
            self.end(id, &Ending::new(Outcome::Interrupted, "the agent was stopped"), actions);
        }
    }

    /// Ends what is held: at once if it has no process, else as soon as its processes are gone.
    fn end(&mut self, id: CommandId, why: &Ending, actions: &mut Vec<Action>) {
        let Some(held) = self.held.get_mut(&id) else { return };
        match &mut held.phase {
            Phase::Active { ending: Some(_), .. } => {}
            Phase::Active { ending, .. } => {
                *ending = Some(why.clone());
                actions.push(Action::Kill(id));
            }
            Phase::Saving(_) | Phase::Waiting(_) => self.finish(id, why.clone(), None, actions),
        }
    }

    fn finish(&mut self, id: CommandId, ending: Ending, exit_code: Option<i32>, actions: &mut Vec<Action>) {
        if let Some(held) = self.held.remove(&id) {
            self.waiting.retain(|waiting| *waiting != id);
            self.memory.set_ended(id);
            let result = result(id, ending, exit_code, &held.written);
            actions.push(match held.phase {
                // the disk may have refused its id, and would not know that it has ended
                Phase::Saving(order) => Action::Refuse(Remembered::of(&order, Fate::Ended), result),
                Phase::Waiting(_) | Phase::Active { .. } => Action::Append(Body::CommandResult(result)),
            });
        }
    }

    fn start_waiting(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        let active = self.held.values().filter(|held| matches!(held.phase, Phase::Active { .. })).count();
        let mut free = COMMANDS_RUNNING_MAX.saturating_sub(active);
        while free > 0 {
            let Some(id) = self.waiting.pop_front() else { return };
            let Some(held) = self.held.get_mut(&id) else { continue };
            let Phase::Waiting(order) = &held.phase else { continue };
            if let Some(ending) = check::expiry(now, order) {
                self.finish(id, ending, None, actions);
                continue;
            }
            let order = order.clone();
            held.phase = Phase::Active {
                on_disconnect: order.on_disconnect,
                timeout_seconds: order.timeout_seconds,
                ending: None,
            };
            actions.push(Action::Start(order));
            free -= 1;
        }
    }

    fn is_active(&self, id: CommandId) -> bool {
        self.held.get(&id).is_some_and(|held| matches!(held.phase, Phase::Active { .. }))
    }
}

impl Phase {
    fn aborts(&self) -> bool {
        match self {
            Self::Saving(order) | Self::Waiting(order) => order.on_disconnect == OnDisconnect::Abort,
            Self::Active { on_disconnect, .. } => *on_disconnect == OnDisconnect::Abort,
        }
    }
}

impl Ending {
    fn new(outcome: Outcome, reason: &str) -> Self {
        Self { outcome, reason: Some(reason.to_owned()) }
    }

    /// Says more.
    fn and(self, more: &str) -> Self {
        let reason = self.reason.map_or_else(|| more.to_owned(), |reason| format!("{reason}; {more}"));
        Self { outcome: self.outcome, reason: Some(reason) }
    }

    fn of_exit(exit: Exit) -> (Self, Option<i32>) {
        match exit {
            Exit::Code(0) => (Self { outcome: Outcome::Completed, reason: None }, Some(0)),
            Exit::Code(code) => (Self { outcome: Outcome::Failed, reason: None }, Some(code)),
            Exit::Signal(signal) => (Self::new(Outcome::Failed, &format!("it was ended by signal {signal}")), None),
            Exit::Unknown(reason) => (Self::new(Outcome::Failed, &reason), None),
            Exit::Survived => (Self::new(Outcome::Failed, SURVIVED), None),
        }
    }
}

fn busy() -> Ending {
    Ending::new(Outcome::Failed, &format!("busy: the agent holds {COMMANDS_HELD_MAX} commands already"))
}

fn result(command_id: CommandId, ending: Ending, exit_code: Option<i32>, written: &Written) -> CommandResult {
    CommandResult {
        command_id,
        outcome: ending.outcome,
        exit_code,
        reason: ending.reason,
        stdout_bytes: written.bytes(Stream::Stdout),
        stderr_bytes: written.bytes(Stream::Stderr),
    }
}
