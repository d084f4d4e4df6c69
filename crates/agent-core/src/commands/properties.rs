//! Random histories with restarts: the invariants of the module's documentation.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::tests::{at, order};
use super::*;

/// One step of a history, over a few orders.
#[derive(Clone, Debug)]
enum Step {
    Order(usize),
    Cancel(usize),
    Saved(bool),
    Started(usize, bool),
    Output(usize, Stream, u16, bool),
    TimedOut(usize),
    Exited(usize),
    ConnectionLost,
    Restart,
    Stop,
    Later(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0usize..24;
    prop_oneof![
        8 => which.clone().prop_map(Step::Order),
        2 => which.clone().prop_map(Step::Cancel),
        8 => prop::bool::weighted(0.9).prop_map(Step::Saved),
        6 => (which.clone(), prop::bool::weighted(0.9)).prop_map(|(which, ok)| Step::Started(which, ok)),
        6 => (which.clone(), prop::bool::ANY, 0u16..40_000, prop::bool::weighted(0.9))
            .prop_map(|(which, out, len, room)| Step::Output(which, if out { Stream::Stdout } else { Stream::Stderr }, len, room)),
        1 => which.clone().prop_map(Step::TimedOut),
        6 => which.prop_map(Step::Exited),
        1 => Just(Step::ConnectionLost),
        1 => Just(Step::Restart),
        1 => Just(Step::Stop),
        2 => (0u8..20).prop_map(Step::Later),
    ]
}

/// The disk, the processes and the spool around the machine.
struct World {
    agent_id: AgentId,
    orders: Vec<Order>,
    commands: Commands,
    now: i64,
    disk: HashMap<CommandId, Remembered>,
    saving: VecDeque<Remembered>,
    alive: HashSet<CommandId>,
    accepted: HashSet<CommandId>,
    starts: HashMap<CommandId, u32>,
    results: HashMap<CommandId, u32>,
    offsets: HashMap<(CommandId, Stream), u64>,
}

impl World {
    fn new() -> Self {
        let agent_id = AgentId::generate();
        let orders = (0..24usize).map(|index| {
            let mut order = order(agent_id);
            if index % 3 == 0 {
                order.on_disconnect = OnDisconnect::Abort;
            }
            order
        });
        Self {
            agent_id,
            orders: orders.collect(),
            commands: Commands::restore(agent_id, None, []).0,
            now: 100,
            disk: HashMap::new(),
            saving: VecDeque::new(),
            alive: HashSet::new(),
            accepted: HashSet::new(),
            starts: HashMap::new(),
            results: HashMap::new(),
            offsets: HashMap::new(),
        }
    }

    fn step(&mut self, step: Step) {
        let id = |which: usize| self.orders[which].command_id;
        match step {
            Step::Order(which) => self.feed(Event::Order(Box::new(self.orders[which].clone()))),
            Step::Cancel(which) => self.feed(Event::Cancel(id(which))),
            Step::Saved(ok) => self.answer_save(ok),
            Step::Started(which, ok) => {
                let id = id(which);
                if self.alive.contains(&id) && ok {
                    self.feed(Event::Started(id));
                } else if self.alive.remove(&id) {
                    self.feed(Event::StartFailed(id, "no shell".to_owned()));
                }
            }
            Step::Output(which, stream, len, room) => {
                let command_id = id(which);
                if self.alive.contains(&command_id) {
                    self.feed(Event::Output { command_id, stream, data: vec![0; usize::from(len)], room });
                }
            }
            Step::TimedOut(which) => self.feed(Event::TimedOut(id(which))),
            Step::Exited(which) => {
                let id = id(which);
                if self.alive.remove(&id) {
                    self.feed(Event::Exited(id, Exit::Code(0)));
                }
            }
            Step::ConnectionLost => self.feed(Event::ConnectionLost),
            Step::Restart => self.restart(),
            Step::Stop => {
                self.feed(Event::Stopping);
                self.drain();
                self.restart();
            }
            Step::Later(seconds) => self.now += i64::from(seconds),
        }
    }

    fn answer_save(&mut self, ok: bool) {
        let Some(entry) = self.saving.pop_front() else { return };
        let id = entry.command_id;
        if ok {
            self.save(entry);
            self.feed(Event::Saved(id));
        } else {
            self.feed(Event::SaveFailed(id));
        }
    }

    /// An acceptance never overwrites the end that came after it.
    fn save(&mut self, entry: Remembered) {
        self.disk.entry(entry.command_id).or_insert(entry);
    }

    fn feed(&mut self, event: Event) {
        let actions = self.commands.on(at(self.now), event);
        self.act(actions);
    }

    fn act(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Remember(entry) => {
                    self.accepted.insert(entry.command_id);
                    self.saving.push_back(entry);
                }
                Action::Note(entry) => {
                    self.disk.insert(entry.command_id, entry);
                }
                Action::Start(order) => {
                    assert_eq!(self.disk.get(&order.command_id).map(|entry| entry.fate), Some(Fate::Accepted));
                    *self.starts.entry(order.command_id).or_default() += 1;
                    self.alive.insert(order.command_id);
                }
                Action::Append(Body::CommandResult(result)) => {
                    *self.results.entry(result.command_id).or_default() += 1;
                    let order = self.orders.iter().find(|order| order.command_id == result.command_id).unwrap();
                    self.disk.insert(
                        result.command_id,
                        Remembered {
                            command_id: order.command_id,
                            issued_at: order.issued_at,
                            expires_at: order.expires_at,
                            fate: Fate::Ended,
                        },
                    );
                }
                Action::Append(Body::CommandOutput(output)) => {
                    let next = self.offsets.entry((output.command_id, output.stream)).or_default();
                    assert_eq!(output.offset, *next, "output is contiguous");
                    *next += output.data.len() as u64;
                }
                Action::Append(_) | Action::Kill(_) | Action::Warn(_) | Action::Forget { .. } => {}
            }
        }
    }

    /// The agent dies: what was not saved is gone, and so are the processes.
    fn restart(&mut self) {
        for lost in self.saving.drain(..) {
            self.accepted.remove(&lost.command_id);
        }
        self.alive.clear();
        let (commands, actions) = Commands::restore(self.agent_id, None, self.disk.values().cloned());
        self.commands = commands;
        self.act(actions);
    }

    fn drain(&mut self) {
        while !self.commands.is_idle() {
            while !self.saving.is_empty() {
                self.answer_save(true);
            }
            for id in self.alive.drain().collect::<Vec<_>>() {
                self.feed(Event::Exited(id, Exit::Code(0)));
            }
        }
    }
}

proptest! {
    #[test]
    fn nothing_runs_twice_and_everything_ends_once(steps in prop::collection::vec(step(), 1..200)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.drain();
        for (id, starts) in &world.starts {
            prop_assert!(*starts <= 1, "{id} started {starts} times");
        }
        for id in &world.accepted {
            prop_assert_eq!(world.results.get(id), Some(&1), "{} has no single result", id);
        }
        for (id, results) in &world.results {
            prop_assert!(*results <= 1, "{id} has {results} results");
        }
    }
}
