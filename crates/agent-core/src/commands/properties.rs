//! Random histories with restarts: the invariants of the module's documentation.
//!
//! What the machine decides is written later, one operation after the other, and a crash may come between any two.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;
use proptest::prelude::*;

use super::tests::{at, order};
use super::*;

/// One step of a history, over a few orders.
#[derive(Clone, Debug)]
enum Step {
    Order(usize),
    Cancel(usize),
    /// The disk takes the next operations, or refuses an acceptance among them.
    Write(usize, bool),
    Started(usize, bool),
    Output(usize, Stream, u16, bool),
    LeftOpen(usize),
    TimedOut(usize),
    Exited(usize, Exit),
    ConnectionLost,
    Crash,
    /// The disk comes back empty.
    LoseMemory,
    Stop(bool),
    Later(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0usize..24;
    let stream = prop_oneof![Just(Stream::Stdout), Just(Stream::Stderr)];
    let exit = prop_oneof![
        6 => Just(Exit::Code(0)),
        1 => Just(Exit::Code(3)),
        2 => Just(Exit::Signal(9)),
        1 => Just(Exit::Survived),
        1 => Just(Exit::Unknown("lost".to_owned())),
    ];
    prop_oneof![
        12 => which.clone().prop_map(Step::Order),
        3 => which.clone().prop_map(Step::Cancel),
        16 => (1usize..6, prop::bool::weighted(0.9)).prop_map(|(many, ok)| Step::Write(many, ok)),
        9 => (which.clone(), prop::bool::weighted(0.9)).prop_map(|(which, ok)| Step::Started(which, ok)),
        9 => (which.clone(), stream, 0u16..40_000, prop::bool::weighted(0.9))
            .prop_map(|(which, stream, length, room)| Step::Output(which, stream, length, room)),
        2 => which.clone().prop_map(Step::LeftOpen),
        2 => which.clone().prop_map(Step::TimedOut),
        9 => (which, exit).prop_map(|(which, exit)| Step::Exited(which, exit)),
        2 => Just(Step::ConnectionLost),
        2 => Just(Step::Crash),
        1 => Just(Step::LoseMemory),
        1 => any::<bool>().prop_map(Step::Stop),
        3 => (0u8..20).prop_map(Step::Later),
    ]
}

/// What the disk is asked to write, in this order.
enum Write {
    Acceptance(Remembered),
    Fate(Remembered),
    Result(CommandId, Option<Remembered>),
    Forget(Vec<CommandId>, Option<Timestamp>),
}

#[derive(Default)]
struct Disk {
    remembered: HashMap<CommandId, Remembered>,
    not_before: Option<Timestamp>,
    memory_lost: bool,
}

/// The disk, the processes and the server around the machine.
struct World {
    agent_id: AgentId,
    orders: Vec<Order>,
    seen_max: usize,
    commands: Commands,
    now: i64,
    disk: Disk,
    unwritten: VecDeque<Write>,
    alive: HashSet<CommandId>,
    starts: HashMap<CommandId, u32>,
    /// On disk, and so on their way to the server.
    results: HashMap<CommandId, u32>,
    /// Accepted on disk at some time.
    accepted: HashSet<CommandId>,
    /// No longer remembered: refused when they come again, with another result.
    forgotten: HashSet<CommandId>,
    offsets: HashMap<(CommandId, Stream), u64>,
}

impl World {
    fn new(seen_max: usize) -> Self {
        let agent_id = AgentId::generate();
        let orders = (0..24u8).map(|index| {
            let mut order = order(agent_id);
            order.issued_at = at(76 + i64::from(index));
            if index % 3 == 0 {
                order.on_disconnect = OnDisconnect::Abort;
            }
            order
        });
        Self {
            agent_id,
            orders: orders.collect(),
            seen_max,
            commands: Commands::restore_remembering(seen_max, agent_id, None, []).0,
            now: 100,
            disk: Disk::default(),
            unwritten: VecDeque::new(),
            alive: HashSet::new(),
            starts: HashMap::new(),
            results: HashMap::new(),
            accepted: HashSet::new(),
            forgotten: HashSet::new(),
            offsets: HashMap::new(),
        }
    }

    fn step(&mut self, step: Step) {
        let id = |which: usize| self.orders[which].command_id;
        match step {
            Step::Order(which) => self.feed(Event::Order(Box::new(self.orders[which].clone()))),
            Step::Cancel(which) => self.feed(Event::Cancel(id(which))),
            Step::Write(many, takes_acceptances) => {
                for _ in 0..many {
                    self.write(takes_acceptances);
                }
            }
            Step::Started(which, ok) => {
                let id = id(which);
                if self.alive.contains(&id) && ok {
                    self.feed(Event::Started(id));
                } else if self.alive.remove(&id) {
                    self.feed(Event::StartFailed(id, "no shell".to_owned()));
                }
            }
            Step::Output(which, stream, length, room) => {
                let command_id = id(which);
                if self.alive.contains(&command_id) {
                    self.feed(Event::Output { command_id, stream, data: vec![0; usize::from(length)], room });
                }
            }
            Step::LeftOpen(which) => self.feed(Event::LeftOpen(id(which))),
            Step::TimedOut(which) => self.feed(Event::TimedOut(id(which))),
            Step::Exited(which, exit) => {
                let id = id(which);
                if self.alive.remove(&id) {
                    self.feed(Event::Exited(id, exit));
                }
            }
            Step::ConnectionLost => self.feed(Event::ConnectionLost),
            Step::Crash => self.restart(),
            Step::LoseMemory => {
                self.forgotten.extend(self.orders.iter().map(|order| order.command_id));
                self.disk = Disk { memory_lost: true, ..Disk::default() };
                self.restart();
            }
            Step::Stop(is_slow) => {
                self.feed(Event::Stopping);
                if is_slow {
                    self.feed(Event::StopNow);
                }
                self.drain();
                self.restart();
            }
            Step::Later(seconds) => self.now += i64::from(seconds),
        }
    }

    /// The disk takes the next operation.
    fn write(&mut self, takes_acceptances: bool) {
        match self.unwritten.pop_front() {
            Some(Write::Acceptance(entry)) if takes_acceptances => {
                let id = entry.command_id;
                // an acceptance never overwrites the end that came after it
                self.disk.remembered.entry(id).or_insert(entry);
                self.accepted.insert(id);
                self.feed(Event::Saved(id));
            }
            Some(Write::Acceptance(entry)) => {
                self.feed(Event::SaveFailed(entry.command_id));
            }
            Some(Write::Fate(entry)) => _ = self.disk.remembered.insert(entry.command_id, entry),
            Some(Write::Result(id, entry)) => {
                *self.results.entry(id).or_default() += 1;
                if let Some(entry) = entry {
                    self.disk.remembered.insert(id, entry);
                } else if let Some(entry) = self.disk.remembered.get_mut(&id) {
                    entry.fate = Fate::Ended;
                }
            }
            Some(Write::Forget(ids, not_before)) => {
                self.disk.remembered.retain(|id, _| !ids.contains(id));
                self.disk.memory_lost &= not_before.is_none();
                self.disk.not_before = not_before.or(self.disk.not_before);
            }
            None => {}
        }
    }

    fn feed(&mut self, event: Event) {
        let actions = self.commands.on(at(self.now), event);
        self.act(actions);
    }

    fn act(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Remember(entry) => self.unwritten.push_back(Write::Acceptance(entry)),
                Action::Note(entry) => self.unwritten.push_back(Write::Fate(entry)),
                Action::Refuse(entry, result) => {
                    self.unwritten.push_back(Write::Result(result.command_id, Some(entry)));
                }
                Action::Append(Body::CommandResult(result)) => {
                    self.unwritten.push_back(Write::Result(result.command_id, None));
                }
                Action::Forget { ids, not_before } => {
                    self.forgotten.extend(&ids);
                    self.unwritten.push_back(Write::Forget(ids, not_before));
                }
                Action::Start(order) => {
                    let fate = self.disk.remembered.get(&order.command_id).map(|entry| entry.fate);
                    assert_eq!(fate, Some(Fate::Accepted), "a start is on disk before it happens");
                    *self.starts.entry(order.command_id).or_default() += 1;
                    self.alive.insert(order.command_id);
                }
                Action::Append(Body::CommandOutput(output)) => {
                    let next = self.offsets.entry((output.command_id, output.stream)).or_default();
                    assert_eq!(output.offset, *next, "output is contiguous");
                    *next += output.data.len() as u64;
                }
                Action::Keep(output) => {
                    let next = self.offsets.entry((output.command_id, output.stream)).or_default();
                    assert_eq!(output.offset, *next, "the rest follows");
                    *next += output.data.len() as u64;
                }
                Action::Append(_) | Action::Kill(_) | Action::Warn(_) => {}
            }
        }
    }

    /// The agent dies, however: what was not written is gone, and so are the processes.
    fn restart(&mut self) {
        self.unwritten.clear();
        self.alive.clear();
        let stored = self.disk.remembered.values().cloned();
        let (commands, actions) =
            Commands::restore_remembering(self.seen_max, self.agent_id, self.disk.not_before, stored);
        self.commands = commands;
        self.act(actions);
        if self.disk.memory_lost {
            // no order comes before the welcome, and with it this is told
            self.feed(Event::MemoryLost);
        }
    }

    /// Everything ends, and the disk takes it all.
    fn drain(&mut self) {
        while !self.commands.is_idle() || !self.unwritten.is_empty() {
            while !self.unwritten.is_empty() {
                self.write(true);
            }
            for id in self.alive.drain().collect::<Vec<_>>() {
                self.feed(Event::Exited(id, Exit::Code(0)));
            }
        }
    }
}

proptest! {
    #[test]
    fn nothing_runs_twice_and_everything_ends_once(
        seen_max in prop_oneof![Just(memory::SEEN_MAX), Just(5)],
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut world = World::new(seen_max);
        for step in steps {
            world.step(step);
        }
        world.drain();
        for (id, starts) in &world.starts {
            prop_assert!(*starts <= 1, "{id} started {starts} times");
        }
        let results = |id| world.results.get(id).copied().unwrap_or(0);
        for id in world.accepted.iter().filter(|id| !world.forgotten.contains(id)) {
            prop_assert_eq!(results(id), 1, "{} has no single result", id);
        }
        for (id, entry) in world.disk.remembered.iter().filter(|(id, _)| !world.forgotten.contains(id)) {
            let expected = u32::from(entry.fate != Fate::CancelledEarly);
            prop_assert_eq!(results(id), expected, "{} is remembered as {:?}", id, entry.fate);
        }
    }

    /// However small the memory: what it forgot is refused, not run again.
    #[test]
    fn forgetting_closes_the_time_before(ended in 6usize..24) {
        let mut world = World::new(5);
        for which in 0..ended {
            world.step(Step::Order(which));
            world.drain();
        }
        for which in 0..ended {
            world.step(Step::Order(which));
        }
        world.drain();
        prop_assert!(world.disk.remembered.len() <= 5 + 1);
        prop_assert!(world.starts.values().all(|starts| *starts == 1));
        let limit = world.disk.not_before.expect("something was forgotten");
        prop_assert!(limit > at(76) && limit <= at(100).saturating_add(SignedDuration::from_nanos(1)).unwrap());
    }
}
