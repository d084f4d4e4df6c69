//! Processes that a simulated machine makes up: what they write and how they end, each at its time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use gururmm_agent_core::commands::{Event, Exit};
use gururmm_ids::CommandId;
use gururmm_protocol::command::{Order, Stream};
use tokio::time::Instant;

use super::faults::Faults;
use super::persona::Persona;
use super::random::Dice;

/// SIGKILL.
const KILLED: i32 = 9;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Write(Vec<u8>),
    Exit(i32),
    TimeIsUp,
}

/// Everything that runs on one machine.
#[derive(Debug, Default)]
pub(super) struct Processes {
    /// When, in which order, whose, what.
    steps: BinaryHeap<Reverse<(Instant, u64, CommandId, Step)>>,
    count: u64,
}

impl Processes {
    /// Starts a command.
    pub(super) fn start(&mut self, order: &Order, persona: &Persona, faults: Faults, dice: &mut Dice, now: Instant) {
        let id = order.command_id;
        self.add(now + Duration::from_secs(u64::from(order.timeout_seconds)), id, Step::TimeIsUp);
        let fate = dice.throw();
        let mut at = now;
        for line in output(&order.command, persona) {
            at += Duration::from_secs_f64(0.002 + 0.05 * dice.throw());
            self.add(at, id, Step::Write(format!("{line}\n").into_bytes()));
        }
        if fate < faults.command_timeouts {
            return;
        }
        let failed = fate < faults.command_timeouts + faults.command_failures;
        if failed {
            self.add(at, id, Step::Write(b"the simulated command fails\n".to_vec()));
        }
        self.add(at + Duration::from_millis(1), id, Step::Exit(i32::from(failed)));
    }

    /// Ends a command with all its children; the end is reported with the next look.
    pub(super) fn kill(&mut self, id: CommandId) -> Event {
        self.steps.retain(|Reverse((_, _, whose, _))| *whose != id);
        Event::Exited(id, Exit::Signal(KILLED))
    }

    /// When something happens next.
    pub(super) fn next(&self) -> Option<Instant> {
        self.steps.peek().map(|Reverse((at, ..))| *at)
    }

    /// What has happened until now.
    pub(super) fn due(&mut self, now: Instant) -> Option<Event> {
        if self.next().is_none_or(|at| at > now) {
            return None;
        }
        let Reverse((_, _, command_id, step)) = self.steps.pop()?;
        Some(match step {
            Step::Write(data) => Event::Output { command_id, stream: Stream::Stdout, data, room: true },
            Step::TimeIsUp => Event::TimedOut(command_id),
            Step::Exit(code) => {
                self.steps.retain(|Reverse((_, _, whose, _))| *whose != command_id);
                Event::Exited(command_id, Exit::Code(code))
            }
        })
    }

    fn add(&mut self, at: Instant, id: CommandId, step: Step) {
        self.count += 1;
        self.steps.push(Reverse((at, self.count, id, step)));
    }
}

/// What a command writes, line by line.
fn output(command: &str, persona: &Persona) -> Vec<String> {
    let facts = persona.facts();
    let (word, rest) = command.trim().split_once(' ').unwrap_or((command.trim(), ""));
    match word {
        "echo" => vec![rest.to_owned()],
        "hostname" => vec![facts.hostname],
        "uname" | "ver" => {
            vec![format!(
                "{} {} {} {}",
                facts.os_name,
                facts.hostname,
                facts.kernel_version.unwrap_or_default(),
                facts.arch
            )]
        }
        "whoami" => vec!["system".to_owned()],
        _ => vec![format!("{}: {word} was simulated", facts.hostname), "done".to_owned()],
    }
}
