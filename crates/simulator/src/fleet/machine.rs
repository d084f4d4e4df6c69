//! One simulated machine between two connections: what it holds, measures and runs. Does no I/O; the time comes from outside.

use std::time::Duration;

use gururmm_agent_core::commands::{Action, Commands, Event};
use gururmm_ids::{AgentId, CommandId};
use gururmm_protocol::limits::COMMANDS_KNOWN_MAX;
use gururmm_protocol::record::{Body, Record};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::faults::Faults;
use super::ledger::Ledger;
use super::processes::Processes;
use super::random::Dice;
use super::spool::Spool;
use super::{Options, Persona};

/// The past is told no finer than this, unless somebody wishes it.
const PAST_STEP: Duration = Duration::from_mins(5);
/// Records of the past wait in such numbers at most.
const PAST_AHEAD: u64 = 128;

pub(super) struct Machine {
    pub(super) persona: Persona,
    faults: Faults,
    commands: Commands,
    processes: Processes,
    spool: Spool,
    pub(super) dice: Dice,
    /// Fixed by the caller, or what the server wishes.
    interval: Option<Duration>,
    wished: Duration,
    next_measurement: Option<Instant>,
    measured_at: Option<Timestamp>,
    /// Told with the next connection.
    network_told: bool,
    past: Option<Past>,
    /// Waiting records, as the ledger counts them.
    held: u64,
}

/// Measurements that are still to be made up.
struct Past {
    next: Timestamp,
    end: Timestamp,
    step: Option<Duration>,
    /// Not before.
    from: Option<Instant>,
}

impl Machine {
    pub(super) fn new(persona: Persona, agent_id: AgentId, options: &Options) -> Self {
        let (commands, _) = Commands::restore(agent_id, None, []);
        let dice = Dice::new(persona.seed());
        let past = (!options.back_fill.is_zero()).then(|| {
            let end = now();
            let back = SignedDuration::try_from(options.back_fill).unwrap_or_default();
            let from = (!options.back_fill_after.is_zero()).then(|| Instant::now() + options.back_fill_after);
            Past { next: end.saturating_sub(back).unwrap_or(end), end, step: options.back_fill_step, from }
        });
        Self {
            persona,
            faults: options.faults,
            commands,
            processes: Processes::default(),
            spool: Spool::new(),
            dice,
            interval: options.metrics_interval,
            wished: Duration::from_mins(1),
            next_measurement: None,
            measured_at: None,
            network_told: false,
            past,
            held: 0,
        }
    }

    /// Every command that it knows, for the proof.
    pub(super) fn known_commands(&self) -> Vec<CommandId> {
        let mut known: Vec<CommandId> = self.spool.commands().chain(self.commands.held()).collect();
        known.sort_unstable();
        known.dedup();
        known.truncate(COMMANDS_KNOWN_MAX);
        known
    }

    /// The server wishes measurements in this rhythm. The first comes at a random place of the interval.
    pub(super) fn welcomed(&mut self, wished: Duration, at: Instant) {
        self.wished = wished;
        if self.next_measurement.is_none() {
            self.next_measurement = Some(at + self.interval().mul_f64(self.dice.throw()));
        }
    }

    fn interval(&self) -> Duration {
        self.interval.unwrap_or(self.wished)
    }

    /// Whether everything that it measured so far is stored, and its past among it.
    pub(super) fn is_done(&self) -> bool {
        self.past.is_none() && self.held == 0
    }

    /// When there is something to do.
    pub(super) fn next(&self) -> Option<Instant> {
        let past = self.past.as_ref().and_then(|past| past.from);
        self.next_measurement.into_iter().chain(self.processes.next()).chain(past).min()
    }

    /// Does what is due.
    pub(super) fn work(&mut self, at: Instant, ledger: &Ledger, index: usize) {
        while let Some(event) = self.processes.due(at) {
            self.on(event, at, ledger, index);
        }
        if !self.network_told {
            self.network_told = true;
            let state = self.persona.network();
            self.push(now(), Body::NetworkState(state), ledger, index);
        }
        self.tell_the_past(at, ledger, index);
        if let Some(due) = self.next_measurement.filter(|due| *due <= at) {
            self.next_measurement = Some(next_after(due, self.interval(), at));
            if ledger.is_measuring() {
                self.measure(ledger, index);
            }
        }
    }

    /// One measurement, and at most one in a second of the clock: that is how exactly their time is told.
    fn measure(&mut self, ledger: &Ledger, index: usize) {
        let wall = now();
        if self.measured_at.is_some_and(|before| before.as_second() == wall.as_second()) {
            return;
        }
        self.measured_at = Some(wall);
        let metrics = self.persona.metrics(wall, self.interval().as_secs_f64());
        self.push(wall, Body::Metrics(Box::new(metrics)), ledger, index);
    }

    fn tell_the_past(&mut self, now: Instant, ledger: &Ledger, index: usize) {
        match &mut self.past {
            Some(past) if past.from.is_none_or(|from| from <= now) => past.from = None,
            Some(_) | None => return,
        }
        let usual = self.interval().max(PAST_STEP);
        while self.held < PAST_AHEAD {
            let Some(past) = &mut self.past else { return };
            let (at, step) = (past.next, past.step.unwrap_or(usual));
            if at >= past.end {
                self.past = None;
                return;
            }
            past.next = at.saturating_add(SignedDuration::try_from(step).unwrap_or_default()).unwrap_or(past.end);
            let metrics = self.persona.metrics(at, step.as_secs_f64());
            self.push(at, Body::Metrics(Box::new(metrics)), ledger, index);
        }
    }

    /// Something happened to its commands.
    pub(super) fn on(&mut self, event: Event, at: Instant, ledger: &Ledger, index: usize) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for action in self.commands.on(now(), event) {
                match action {
                    // memory is its disk
                    Action::Remember(entry) => events.push(Event::Saved(entry.command_id)),
                    Action::Start(order) => {
                        self.processes.start(&order, &self.persona, self.faults, &mut self.dice, at);
                        events.push(Event::Started(order.command_id));
                    }
                    Action::Kill(id) => events.push(self.processes.kill(id)),
                    Action::Append(body) => self.push(now(), body, ledger, index),
                    Action::Refuse(_, result) => self.push(now(), Body::CommandResult(result), ledger, index),
                    Action::Keep(_) | Action::Note(_) | Action::Forget { .. } | Action::Warn(_) => {}
                }
            }
        }
    }

    fn push(&mut self, at: Timestamp, body: Body, ledger: &Ledger, index: usize) {
        ledger.made(index, &body);
        self.held += 1;
        if !self.spool.push(at, body) {
            ledger.dropped(index);
            self.held -= 1;
        }
    }

    /// The next record after this one.
    pub(super) fn record_after(&self, sequence: u64) -> Option<&Record> {
        self.spool.after(sequence)
    }

    /// The server has everything up to this record. Now and then the machine does not hear it.
    pub(super) fn acknowledged(&mut self, sequence: u64, is_certain: bool, ledger: &Ledger, index: usize) {
        if !is_certain
            && self.faults.lost_acknowledgements > 0.0
            && self.dice.throw() < self.faults.lost_acknowledgements
        {
            return;
        }
        for record in self.spool.acknowledged(sequence) {
            self.held -= 1;
            ledger.stored(index, &record.body);
        }
    }
}

/// When to measure again: in the rhythm of before. What was missed is missed.
fn next_after(due: Instant, interval: Duration, now: Instant) -> Instant {
    let missed = now.saturating_duration_since(due).div_duration_f64(interval).floor();
    due + interval.mul_f64(missed + 1.0)
}

/// The first moment of which a fleet that starts now tells.
pub fn begins(back_fill: Duration) -> Timestamp {
    let back = SignedDuration::try_from(back_fill).unwrap_or_default() + SignedDuration::from_secs(1);
    now().saturating_sub(back).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Machines live in real time.
#[expect(clippy::disallowed_methods, reason = "a simulated machine lives in real time")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_keep_their_rhythm_and_missed_ones_are_not_made_up() {
        let due = Instant::now();
        let after = |seconds| next_after(due, Duration::from_secs(10), due + Duration::from_secs(seconds));
        assert_eq!([0, 9, 10, 35].map(after), [10, 10, 20, 40].map(|seconds| due + Duration::from_secs(seconds)));
    }
}
