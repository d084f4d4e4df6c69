use gururmm_protocol::command::{CommandContext, CommandType};
use gururmm_protocol::limits::{ARGUMENTS_MAX, COMMAND_TEXT_MAX, OUTPUT_CHUNK_MAX, OUTPUT_MAX, REST_MAX};

use super::*;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(super) fn order(agent_id: AgentId) -> Order {
    Order {
        command_id: CommandId::generate(),
        agent_id,
        command_type: CommandType::Shell,
        command: "true".to_owned(),
        interpreter: None,
        arguments: Vec::new(),
        environment: std::collections::BTreeMap::new(),
        context: CommandContext::System,
        timeout_seconds: 60,
        elevated: true,
        on_disconnect: OnDisconnect::Continue,
        issued_at: at(100),
        expires_at: at(200),
        nonce: [0; 16],
        key_id: String::new(),
    }
}

struct Fixture {
    agent_id: AgentId,
    commands: Commands,
}

impl Fixture {
    fn new() -> Self {
        let agent_id = AgentId::generate();
        Self { agent_id, commands: Commands::restore(agent_id, None, []).0 }
    }

    fn on(&mut self, event: Event) -> Vec<Action> {
        self.commands.on(at(150), event)
    }

    fn order(&mut self, change: impl FnOnce(&mut Order)) -> (CommandId, Vec<Action>) {
        let mut order = order(self.agent_id);
        change(&mut order);
        (order.command_id, self.on(Event::Order(Box::new(order))))
    }

    fn start(&mut self, change: impl FnOnce(&mut Order)) -> CommandId {
        let (id, actions) = self.order(change);
        assert!(matches!(actions[..], [Action::Remember(_)]), "{actions:?}");
        let actions = self.on(Event::Saved(id));
        assert!(matches!(actions[..], [Action::Start(_)]), "{actions:?}");
        self.on(Event::Started(id));
        id
    }
}

fn outcome(actions: &[Action]) -> (Outcome, String) {
    let mut results = actions.iter().filter_map(|action| match action {
        Action::Append(Body::CommandResult(result)) | Action::Refuse(_, result) => Some(result),
        _ => None,
    });
    let result = results.next().expect("a result");
    assert!(results.next().is_none(), "one result");
    (result.outcome, result.reason.clone().unwrap_or_default())
}

#[test]
fn a_command_is_remembered_before_it_starts_and_ends_with_its_code() {
    let mut fixture = Fixture::new();
    let id = fixture.start(|_| {});
    let actions = fixture.on(Event::Exited(id, Exit::Code(3)));
    let [Action::Append(Body::CommandResult(result))] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!((result.outcome, result.exit_code), (Outcome::Failed, Some(3)));
    assert!(fixture.commands.is_idle());
}

#[test]
fn a_repeated_order_never_runs_twice() {
    let mut fixture = Fixture::new();
    let order = order(fixture.agent_id);
    let id = order.command_id;
    for event in [Event::Saved(id), Event::Started(id), Event::Exited(id, Exit::Code(0))] {
        fixture.on(Event::Order(Box::new(order.clone())));
        fixture.on(event);
    }
    assert_eq!(fixture.on(Event::Order(Box::new(order))), []);
}

#[test]
fn orders_that_break_a_rule_are_refused_with_a_reason() {
    type Case = (fn(&mut Order), Outcome, &'static str);
    let cases: [Case; 10] = [
        (|order| order.expires_at = at(150), Outcome::Expired, "expired"),
        (|order| order.command_type = CommandType::Unknown, Outcome::Failed, "type"),
        (|order| order.context = CommandContext::Unknown, Outcome::Failed, "context"),
        (|order| order.arguments = vec!["a".to_owned(); ARGUMENTS_MAX + 1], Outcome::Failed, "arguments"),
        (|order| order.arguments = vec!["a\0".to_owned()], Outcome::Failed, "NUL"),
        (|order| _ = order.environment.insert("A=B".to_owned(), String::new()), Outcome::Failed, "variable"),
        (|order| order.command = " ".to_owned(), Outcome::Failed, "empty"),
        (|order| order.command = "x".repeat(COMMAND_TEXT_MAX + 1), Outcome::Failed, "longer"),
        (|order| order.command = "a\0b".to_owned(), Outcome::Failed, "zero byte"),
        (|order| order.timeout_seconds = 0, Outcome::Failed, "time limit"),
    ];
    for (change, expected, word) in cases {
        let (_, actions) = Fixture::new().order(change);
        let (outcome, reason) = outcome(&actions);
        assert_eq!(outcome, expected, "{word}");
        assert!(reason.contains(word), "{reason}");
        assert!(matches!(actions[..], [Action::Refuse(Remembered { fate: Fate::Ended, .. }, _)]));
    }
}

#[test]
fn an_order_for_another_agent_is_only_warned_of() {
    let (_, actions) = Fixture::new().order(|order| order.agent_id = AgentId::generate());
    assert!(matches!(actions[..], [Action::Warn(_)]));
}

#[test]
fn a_cancellation_that_comes_first_wins() {
    let mut fixture = Fixture::new();
    let order = order(fixture.agent_id);
    let noted = fixture.on(Event::Cancel(order.command_id));
    assert!(matches!(noted[..], [Action::Note(Remembered { fate: Fate::CancelledEarly, .. })]));
    let actions = fixture.on(Event::Order(Box::new(order.clone())));
    assert_eq!(outcome(&actions).0, Outcome::Cancelled);
    assert_eq!(fixture.on(Event::Order(Box::new(order))), []);
}

#[test]
fn a_cancelled_command_is_killed_and_its_result_waits_for_its_end() {
    let mut fixture = Fixture::new();
    let id = fixture.start(|_| {});
    assert_eq!(fixture.on(Event::Cancel(id)), [Action::Kill(id)]);
    assert_eq!(fixture.on(Event::Cancel(id)), []);
    assert_eq!(fixture.on(Event::TimedOut(id)), []);
    assert_eq!(outcome(&fixture.on(Event::Exited(id, Exit::Signal(9)))).0, Outcome::Cancelled);
}

#[test]
fn a_command_past_its_limit_is_a_timeout() {
    let mut fixture = Fixture::new();
    let id = fixture.start(|order| order.timeout_seconds = 7);
    assert_eq!(fixture.on(Event::TimedOut(id)), [Action::Kill(id)]);
    let (outcome, reason) = outcome(&fixture.on(Event::Exited(id, Exit::Signal(9))));
    assert_eq!(outcome, Outcome::Timeout);
    assert!(reason.contains("7 seconds"), "{reason}");
}

#[test]
fn a_result_tells_that_processes_could_not_be_ended() {
    let mut fixture = Fixture::new();
    let id = fixture.start(|_| {});
    assert_eq!(fixture.on(Event::Cancel(id)), [Action::Kill(id)]);
    let (outcome, reason) = outcome(&fixture.on(Event::Exited(id, Exit::Survived)));
    assert_eq!(outcome, Outcome::Cancelled);
    assert_eq!(reason, "it was cancelled; some of its processes could not be ended");
    assert!(fixture.commands.is_idle());
}

#[test]
fn a_result_tells_that_output_may_follow_which_nobody_records() {
    let mut fixture = Fixture::new();
    let (open, cancelled) = (fixture.start(|_| {}), fixture.start(|_| {}));
    assert_eq!(fixture.on(Event::LeftOpen(open)), []);
    let (completed, reason) = outcome(&fixture.on(Event::Exited(open, Exit::Code(0))));
    assert_eq!(completed, Outcome::Completed);
    assert!(reason.contains("still has its output open"), "{reason}");
    // what was ended with its whole tree writes nothing more
    fixture.on(Event::Cancel(cancelled));
    fixture.on(Event::LeftOpen(cancelled));
    assert_eq!(outcome(&fixture.on(Event::Exited(cancelled, Exit::Signal(9)))).1, "it was cancelled");
}

#[test]
fn a_full_disk_refuses_instead_of_risking_a_second_run() {
    let mut fixture = Fixture::new();
    let (id, _) = fixture.order(|_| {});
    assert_eq!(outcome(&fixture.on(Event::SaveFailed(id))).0, Outcome::Failed);
    assert_eq!(fixture.on(Event::Saved(id)), []);
}

#[test]
fn beyond_the_slots_commands_wait_in_order_and_beyond_the_hold_they_are_refused() {
    let mut fixture = Fixture::new();
    let mut ids = Vec::new();
    for _ in 0..COMMANDS_HELD_MAX {
        let (id, _) = fixture.order(|_| {});
        fixture.on(Event::Saved(id));
        ids.push(id);
    }
    let (_, refused) = fixture.order(|_| {});
    assert!(outcome(&refused).1.contains("busy"));
    let actions = fixture.on(Event::Exited(ids[3], Exit::Code(0)));
    let Some(Action::Start(next)) = actions.last() else { panic!("{actions:?}") };
    assert_eq!(next.command_id, ids[COMMANDS_RUNNING_MAX]);
}

#[test]
fn a_waiting_command_that_expires_never_starts() {
    let mut fixture = Fixture::new();
    let mut ids = Vec::new();
    for _ in 0..=COMMANDS_RUNNING_MAX {
        let (id, _) = fixture.order(|_| {});
        fixture.on(Event::Saved(id));
        ids.push(id);
    }
    let actions = fixture.commands.on(at(200), Event::Exited(ids[0], Exit::Code(0)));
    assert!(!actions.iter().any(|action| matches!(action, Action::Start(_))));
    assert_eq!(outcome(&actions[1..]).0, Outcome::Expired);
}

#[test]
fn a_lost_connection_ends_only_what_asked_for_it() {
    let mut fixture = Fixture::new();
    fixture.start(|_| {});
    let abort = fixture.start(|order| order.on_disconnect = OnDisconnect::Abort);
    assert_eq!(fixture.on(Event::ConnectionLost), [Action::Kill(abort)]);
    assert_eq!(outcome(&fixture.on(Event::Exited(abort, Exit::Signal(9)))).0, Outcome::Interrupted);
}

#[test]
fn a_restart_interrupts_what_had_no_result_and_still_knows_every_id() {
    let agent_id = AgentId::generate();
    let order = order(agent_id);
    let entry = Remembered {
        command_id: order.command_id,
        issued_at: order.issued_at,
        expires_at: order.expires_at,
        fate: Fate::Accepted,
    };
    let (mut commands, actions) = Commands::restore(agent_id, None, [entry]);
    assert_eq!(outcome(&actions).0, Outcome::Interrupted);
    assert_eq!(commands.on(at(150), Event::Order(Box::new(order))), []);
}

#[test]
fn a_lost_memory_refuses_what_was_issued_before() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.on(Event::MemoryLost), [Action::Forget { ids: vec![], not_before: Some(at(150)) }]);
    let (_, actions) = fixture.order(|_| {});
    assert!(outcome(&actions).1.contains("send it again"));
    fixture.start(|order| order.issued_at = at(150));
}

#[test]
fn a_limit_from_a_clock_that_was_ahead_does_not_last() {
    let mut fixture = Fixture::new();
    fixture.commands.on(at(9_000_000), Event::MemoryLost);
    let (_, actions) = fixture.order(|_| {});
    assert_eq!(actions[0], Action::Forget { ids: vec![], not_before: Some(at(150)) });
    assert!(outcome(&actions).1.contains("send it again"));
    fixture.start(|order| order.issued_at = at(150));
}

#[test]
fn stopping_accepts_nothing_and_gives_what_runs_a_moment_to_end_by_itself() {
    let mut fixture = Fixture::new();
    let running = fixture.start(|_| {});
    let (saving, _) = fixture.order(|_| {});
    let quick = fixture.start(|_| {});
    let actions = fixture.on(Event::Stopping);
    assert_eq!(outcome(&actions).0, Outcome::Interrupted, "what has not begun");
    assert!(!actions.iter().any(|action| matches!(action, Action::Kill(_))));
    assert_eq!(outcome(&fixture.on(Event::Exited(quick, Exit::Code(0)))).0, Outcome::Completed);
    assert_eq!(fixture.on(Event::StopNow), [Action::Kill(running)]);
    assert_eq!(fixture.on(Event::Saved(saving)), []);
    assert_eq!(fixture.order(|_| {}).1, []);
    assert_eq!(outcome(&fixture.on(Event::Exited(running, Exit::Signal(9)))).0, Outcome::Interrupted);
}

#[test]
fn output_beyond_the_limit_is_counted_and_kept_and_not_recorded() {
    let mut fixture = Fixture::new();
    let id = fixture.start(|_| {});
    let data = vec![b'x'; OUTPUT_CHUNK_MAX * 2 + 1];
    let chunks = fixture.on(Event::Output { command_id: id, stream: Stream::Stdout, data, room: true });
    assert_eq!(chunks.len(), 3);
    let rest = vec![b'y'; OUTPUT_MAX as usize];
    fixture.on(Event::Output { command_id: id, stream: Stream::Stdout, data: rest, room: true });
    let more = Event::Output { command_id: id, stream: Stream::Stdout, data: vec![1], room: true };
    let kept = fixture.on(more);
    let [Action::Keep(output)] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!((output.offset, output.data.as_slice()), (OUTPUT_MAX + OUTPUT_CHUNK_MAX as u64 * 2 + 1, [1].as_slice()));
    let actions = fixture.on(Event::Exited(id, Exit::Code(0)));
    let [Action::Append(Body::CommandResult(result))] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(result.stdout_bytes, OUTPUT_MAX + OUTPUT_CHUNK_MAX as u64 * 2 + 2);
}

#[test]
fn of_the_rest_so_much_is_kept_and_nothing_after_a_gap() {
    let kept = |actions: Vec<Action>| {
        let of = |action: &Action| if let Action::Keep(output) = action { output.data.len() as u64 } else { 0 };
        actions.iter().map(of).sum::<u64>()
    };
    let output = |command_id, length: u64, room| Event::Output {
        command_id,
        stream: Stream::Stdout,
        data: vec![0; length as usize],
        room,
    };
    let mut fixture = Fixture::new();
    let id = fixture.start(|_| {});
    assert_eq!(kept(fixture.on(output(id, OUTPUT_MAX + 1, true))), 1);
    assert_eq!(kept(fixture.on(output(id, REST_MAX, true))), REST_MAX - 1);
    assert_eq!(kept(fixture.on(output(id, 1, true))), 0);
    let id = fixture.start(|_| {});
    assert_eq!(kept(fixture.on(output(id, OUTPUT_MAX + 1, true))), 1);
    assert_eq!(kept(fixture.on(output(id, 1, false))), 0);
    assert_eq!(kept(fixture.on(output(id, 1, true))), 0);
}

#[test]
fn after_a_gap_nothing_of_the_stream_is_recorded() {
    let mut fixture = Fixture::new();
    let id = fixture.start(|_| {});
    let piece = |room| Event::Output { command_id: id, stream: Stream::Stderr, data: vec![1, 2], room };
    assert_eq!(fixture.on(piece(true)).len(), 1);
    assert_eq!(fixture.on(piece(false)), []);
    assert_eq!(fixture.on(piece(true)), []);
}
