use std::time::Duration;

use gururmm_agent_core::commands::{Commands, Exit};
use gururmm_clock::TestClock;
use gururmm_ids::AgentId;
use gururmm_protocol::command::{CommandContext, CommandType, OnDisconnect, Outcome, Stream};
use gururmm_protocol::limits::OUTPUT_MAX;
use gururmm_protocol::message::{AgentMessage, OutputRead};
use gururmm_protocol::record::{Body, CommandResult};
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::rest::RestLimits;
use crate::store::{Limits, create_anew};

/// A runner with a real store and real processes.
struct Fixture {
    agent_id: AgentId,
    store: Store,
    rest: Rest,
    orders: mpsc::Sender<Event>,
    stop: CancellationToken,
    done: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let agent_id = AgentId::generate();
        let path = folder.path().join("agent.db");
        create_anew(&path, agent_id).unwrap();
        let opened = Store::open(&path, agent_id, Limits::default(), CancellationToken::new()).unwrap();
        let (orders, incoming) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let wall = TestClock::starting_at(Timestamp::from_second(1000).unwrap());
        let (commands, first) = Commands::restore(agent_id, None, []);
        let rest = Rest::open(folder.path(), RestLimits::default());
        let runner = Runner {
            commands,
            store: opened.store.clone(),
            rest: rest.clone(),
            clock: Arc::new(ServerClock::new(wall, SignedDuration::ZERO)),
            containment: Arc::new(Containment::open(folder.path())),
            state_dir: folder.path().to_owned(),
            held: Held::default(),
            incoming,
        };
        let done = tokio::spawn(runner.run(first, stop.clone()));
        Self { agent_id, store: opened.store, rest, orders, stop, done, _folder: folder }
    }

    async fn order(&self, command: &str, timeout_seconds: u32) -> CommandId {
        let command_id = CommandId::generate();
        let order = Order {
            command_id,
            agent_id: self.agent_id,
            command_type: CommandType::Shell,
            command: command.to_owned(),
            interpreter: None,
            arguments: Vec::new(),
            environment: std::collections::BTreeMap::new(),
            context: CommandContext::System,
            timeout_seconds,
            elevated: true,
            on_disconnect: OnDisconnect::Continue,
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::from_second(1_000_000).unwrap(),
            nonce: [0; 16],
            key_id: String::new(),
        };
        self.orders.send(Event::Order(Box::new(order))).await.unwrap();
        command_id
    }

    async fn records(&self) -> Vec<crate::store::Ready> {
        let mut all: Vec<crate::store::Ready> = Vec::new();
        loop {
            let page = self.store.ready(all.last().map_or(0, |(sequence, _)| *sequence), 1000).await;
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    async fn bodies(&self, id: CommandId) -> Vec<Body> {
        let mut bodies = Vec::new();
        for (_, json) in self.records().await {
            let AgentMessage::Record(record) = serde_json::from_str(&json).unwrap() else { panic!("{json}") };
            let of = match &record.body {
                Body::CommandStarted { command_id } => *command_id,
                Body::CommandOutput(output) => output.command_id,
                Body::CommandResult(result) => result.command_id,
                Body::Metrics(_) | Body::NetworkState(_) | Body::Unknown => continue,
            };
            if of == id {
                bodies.push(record.body);
            }
        }
        bodies
    }

    /// Everything recorded of a command until `enough`.
    async fn wait(&self, id: CommandId, enough: impl Fn(&Body) -> bool) -> Vec<Body> {
        let poll = async {
            loop {
                let bodies = self.bodies(id).await;
                if bodies.iter().any(&enough) {
                    return bodies;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), poll).await.expect("the record never came")
    }

    async fn result(&self, id: CommandId) -> (Vec<Body>, CommandResult) {
        let bodies = self.wait(id, |body| matches!(body, Body::CommandResult(_))).await;
        let Some(Body::CommandResult(result)) = bodies.last().cloned() else { panic!("{bodies:?}") };
        (bodies, result)
    }
}

fn text(bodies: &[Body], wanted: Stream) -> Vec<u8> {
    let pieces = bodies.iter().filter_map(|body| match body {
        Body::CommandOutput(output) if output.stream == wanted => Some(output),
        _ => None,
    });
    pieces.fold(Vec::new(), |mut all, output| {
        assert_eq!(output.offset, all.len() as u64);
        all.extend_from_slice(&output.data);
        all
    })
}

#[tokio::test]
async fn a_command_starts_speaks_and_ends() {
    let fixture = Fixture::start();
    let id = fixture.order("echo hello; echo oops >&2; exit 3", 60).await;
    let (bodies, result) = fixture.result(id).await;
    assert!(matches!(bodies[0], Body::CommandStarted { .. }));
    assert_eq!(text(&bodies, Stream::Stdout).trim_ascii_end(), b"hello");
    assert_eq!(text(&bodies, Stream::Stderr).trim_ascii_end(), b"oops");
    assert_eq!((result.outcome, result.exit_code), (Outcome::Failed, Some(3)));
}

#[tokio::test]
async fn a_command_that_runs_too_long_is_ended() {
    let fixture = Fixture::start();
    let id = fixture.order("sleep 1000", 1).await;
    assert_eq!(fixture.result(id).await.1.outcome, Outcome::Timeout);
}

/// Whether a process runs; one that is dead and not yet collected does not.
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z") && !rest.starts_with(" X"))
}

#[tokio::test]
async fn a_command_that_runs_too_long_takes_its_whole_family_with_it() {
    let fixture = Fixture::start();
    let family = "sleep 1000 & echo $!
                  setsid sh -c 'echo $$; exec sleep 1000' &
                  (setsid sh -c 'echo $$; exec sleep 1000 >&- 2>&-' &)
                  sh -c 'echo $$; kill -STOP $$' &
                  wait";
    let id = fixture.order(family, 2).await;
    let (bodies, result) = fixture.result(id).await;
    assert_eq!(result.outcome, Outcome::Timeout);
    assert!(result.reason.unwrap().ends_with("limit of 2 seconds"));
    let pids = String::from_utf8(text(&bodies, Stream::Stdout)).unwrap();
    assert_eq!(pids.lines().count(), 4, "{pids}");
    assert!(pids.lines().all(|pid| !is_alive(pid)), "{pids}");
}

#[tokio::test]
async fn a_cancelled_command_is_ended_and_keeps_what_it_wrote() {
    let fixture = Fixture::start();
    let id = fixture.order("echo begun; sleep 1000 & sleep 1000", 600).await;
    fixture.wait(id, |body| matches!(body, Body::CommandOutput(_))).await;
    fixture.orders.send(Event::Cancel(id)).await.unwrap();
    let (bodies, result) = fixture.result(id).await;
    assert_eq!(result.outcome, Outcome::Cancelled);
    assert_eq!(text(&bodies, Stream::Stdout).trim_ascii_end(), b"begun");
}

#[tokio::test]
async fn a_flood_is_cut_and_counted() {
    let fixture = Fixture::start();
    let id = fixture.order("head -c 3000000 /dev/zero", 60).await;
    let (bodies, result) = fixture.result(id).await;
    assert_eq!(result.outcome, Outcome::Completed);
    assert_eq!(result.stdout_bytes, 3_000_000);
    assert_eq!(text(&bodies, Stream::Stdout).len() as u64, OUTPUT_MAX);
    let last = OutputRead { request: 1, command_id: id, stream: Stream::Stdout, offset: 2_999_990 };
    let part = fixture.rest.read(last).await;
    assert_eq!((part.data.len(), part.end), (10, Some(3_000_000)), "the rest is there for whoever asks");
}

#[tokio::test]
async fn lines_are_gathered_into_few_records() {
    let fixture = Fixture::start();
    let begun = std::time::Instant::now();
    let id = fixture.order("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done", 60).await;
    let (bodies, result) = fixture.result(id).await;
    let pieces = bodies.iter().filter(|body| matches!(body, Body::CommandOutput(_))).count() as u128;
    let lines: Vec<_> = (0..5000).map(|number| format!("line {number}")).collect();
    assert_eq!(text(&bodies, Stream::Stdout).trim_ascii_end(), lines.join("\n").as_bytes());
    assert_eq!((result.outcome, result.reason), (Outcome::Completed, None));
    let most = 8 + begun.elapsed().as_millis() / reading::GATHER.as_millis();
    assert!(pieces <= most, "{pieces} records in the time of {most}");
}

#[tokio::test]
async fn a_command_without_output_pipes_is_waited_for() {
    let fixture = Fixture::start();
    let id = fixture.order("exec >&- 2>&-; sleep 0.1; exit 3", 60).await;
    let (_, result) = fixture.result(id).await;
    assert_eq!((result.exit_code, result.reason), (Some(3), None));
}

#[tokio::test]
async fn a_daemon_that_keeps_the_output_open_holds_nothing_up_and_is_told_of() {
    let fixture = Fixture::start();
    let id = fixture.order("sleep 1000 & echo $!", 60).await;
    let (bodies, result) = fixture.result(id).await;
    assert_eq!(result.outcome, Outcome::Completed);
    assert!(result.reason.unwrap().contains("still has its output open"));
    let pid = String::from_utf8(text(&bodies, Stream::Stdout)).unwrap();
    assert!(std::process::Command::new("kill").arg(pid.trim()).status().unwrap().success(), "the daemon is alive");
}

/// A process whose events nobody takes.
async fn attend_unheard(command: &str, drain: Duration) -> (mpsc::Receiver<Event>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let running = Containment::open(folder.path()).spawn(&CommandId::generate().to_string(), command).unwrap();
    let process = std::path::PathBuf::from(format!("/proc/{}", running.child.id().unwrap()));
    let (events, reports) = mpsc::channel(1);
    let (id, kill) = (CommandId::generate(), CancellationToken::new());
    tokio::spawn(process::attend(id, running, Duration::from_mins(10), drain, kill, events));
    let gone = async {
        while process.exists() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), gone).await.expect("its end is noticed");
    (reports, folder)
}

#[tokio::test]
async fn output_waits_for_a_slow_disk_however_long() {
    let drain = Duration::from_millis(10);
    let (mut reports, _folder) = attend_unheard("head -c 60000 /dev/zero; head -c 60000 /dev/zero >&2", drain).await;
    // who counts this time as that of a silent pipe has given up at its end
    tokio::time::sleep(10 * drain).await;
    let mut bytes = 0;
    while let Some(event) = reports.recv().await {
        match event {
            Event::Output { data, .. } => bytes += data.len(),
            Event::Exited(_, exit) => assert_eq!(exit, Exit::Code(0)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bytes, 120_000);
}

#[tokio::test]
async fn a_daemon_that_never_stops_writing_is_left() {
    let (mut reports, _folder) = attend_unheard("yes & echo $! >&2", Duration::from_millis(200)).await;
    let (mut pid, mut left_open) = (Vec::new(), false);
    while let Some(event) = reports.recv().await {
        match event {
            Event::Output { stream: Stream::Stderr, data, .. } => pid.extend(data),
            Event::LeftOpen(_) => left_open = true,
            _ => {}
        }
    }
    assert!(left_open);
    // it ended by itself: nobody reads any more
    assert!(!pid.is_empty());
}

#[tokio::test]
async fn a_stop_ends_what_runs_and_spools_its_result() {
    let fixture = Fixture::start();
    let id = fixture.order("echo begun; sleep 1000", 600).await;
    fixture.wait(id, |body| matches!(body, Body::CommandOutput(_))).await;
    fixture.stop.cancel();
    assert_eq!(fixture.result(id).await.1.outcome, Outcome::Interrupted);
    tokio::time::timeout(Duration::from_mins(1), fixture.done).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_ends_by_itself_while_the_agent_stops_says_how() {
    let fixture = Fixture::start();
    let id = fixture.order("echo begun; sleep 0.2; exit 3", 600).await;
    fixture.wait(id, |body| matches!(body, Body::CommandOutput(_))).await;
    fixture.stop.cancel();
    let (_, result) = fixture.result(id).await;
    assert_eq!((result.outcome, result.exit_code), (Outcome::Failed, Some(3)), "as one that restarts the agent does");
    tokio::time::timeout(Duration::from_mins(1), fixture.done).await.unwrap().unwrap();
}

#[tokio::test]
async fn many_commands_run_side_by_side() {
    let fixture = Fixture::start();
    let mut ids = Vec::new();
    for number in 0..40 {
        ids.push((number, fixture.order(&format!("echo {number}"), 60).await));
    }
    for (number, id) in ids {
        let (bodies, result) = fixture.result(id).await;
        assert_eq!(result.outcome, Outcome::Completed);
        assert_eq!(text(&bodies, Stream::Stdout).trim_ascii_end(), number.to_string().as_bytes());
    }
}

#[tokio::test]
async fn a_process_that_cannot_be_ended_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let containment = Containment::open(folder.path());
    let mut immortal = containment.spawn("immortal", "sleep 1000").unwrap();
    let mut mortal = containment.spawn("mortal", "sleep 1000").unwrap();
    // the kill strikes another tree
    std::mem::swap(&mut immortal.tree, &mut mortal.tree);
    let (events, mut reports) = mpsc::channel(8);
    let (id, kill) = (CommandId::generate(), CancellationToken::new());
    kill.cancel();
    let attended = process::attend(id, immortal, Duration::from_mins(10), Duration::ZERO, kill, events);
    tokio::time::timeout(Duration::from_mins(1), attended).await.expect("it is waited for");
    // nobody closed its output either
    assert!(matches!(reports.recv().await, Some(Event::LeftOpen(_))));
    let report = reports.recv().await;
    assert!(matches!(report, Some(Event::Exited(exited, Exit::Survived)) if exited == id), "{report:?}");
    mortal.tree.kill().await;
}
