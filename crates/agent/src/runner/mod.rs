//! The runner: carries out what the command machine decides.
//!
//! One task owns the machine and feeds it one event at a time; each process has a task of its own that only reports.

mod process;
mod reading;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use gururmm_agent_core::commands::{Action, Commands, Event};
use gururmm_agent_os::Unsupported;
use gururmm_agent_os::interpreter::{self, Launch};
use gururmm_agent_os::process::Containment;
use gururmm_agent_os::session::{self, Person};
use gururmm_ids::CommandId;
use gururmm_protocol::command::{CommandContext, Order};
use gururmm_protocol::record::Body;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::rest::Rest;
use crate::server_clock::ServerClock;
use crate::store::Store;

/// Events of processes that may wait: with their pieces of output, at most one megabyte.
const EVENTS: usize = 64;

/// How long it may take to learn whose session is active.
const PERSON: Duration = Duration::from_secs(5);

/// How long what runs may take to end by itself when the agent stops: it may be what stops it, or restarts the machine.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// Between looks for what commands left behind.
const TIDY: Duration = Duration::from_mins(1);

/// Ids that the runner holds, for the link to name.
pub(crate) type Held = Arc<Mutex<Vec<CommandId>>>;

/// Runs commands.
pub(crate) struct Runner {
    pub(crate) commands: Commands,
    pub(crate) store: Store,
    pub(crate) rest: Rest,
    pub(crate) clock: Arc<ServerClock>,
    pub(crate) containment: Arc<Containment>,
    pub(crate) state_dir: PathBuf,
    pub(crate) held: Held,
    pub(crate) incoming: mpsc::Receiver<Event>,
}

struct Work {
    runner: Runner,
    events: mpsc::Sender<Event>,
    saves: FuturesUnordered<BoxFuture<'static, Event>>,
    processes: HashMap<CommandId, CancellationToken>,
    tracker: TaskTracker,
}

impl Runner {
    /// Works until `stop`, then ends everything that runs and spools its results.
    pub(crate) async fn run(self, first: Vec<Action>, stop: CancellationToken) {
        let (events, mut reports) = mpsc::channel(EVENTS);
        let mut work = Work {
            runner: self,
            events,
            saves: FuturesUnordered::new(),
            processes: HashMap::new(),
            tracker: TaskTracker::new(),
        };
        work.act(first).await;
        let mut stopping = false;
        let mut grace = std::pin::pin!(futures_util::future::Fuse::terminated());
        let mut tidy = tokio::time::interval(TIDY);
        loop {
            if stopping && work.runner.commands.is_idle() && work.saves.is_empty() {
                break;
            }
            let event = tokio::select! {
                biased;
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    grace.set(tokio::time::sleep(STOP_GRACE).fuse());
                    Event::Stopping
                }
                () = &mut grace => Event::StopNow,
                Some(saved) = work.saves.next() => saved,
                Some(report) = reports.recv() => report,
                Some(order) = work.runner.incoming.recv(), if !stopping => order,
                _ = tidy.tick() => {
                    work.runner.containment.tidy();
                    work.runner.rest.tidy().await;
                    continue;
                }
            };
            work.feed(event).await;
        }
        work.tracker.close();
        work.tracker.wait().await;
    }
}

impl Work {
    async fn feed(&mut self, event: Event) {
        let event = match event {
            Event::Output { command_id, stream, data, .. } => {
                Event::Output { command_id, stream, data, room: self.runner.store.has_room() }
            }
            Event::Exited(id, exit) => {
                self.processes.remove(&id);
                Event::Exited(id, exit)
            }
            other => other,
        };
        let actions = self.runner.commands.on(self.runner.clock.now(), event);
        self.act(actions).await;
    }

    async fn act(&mut self, actions: Vec<Action>) {
        // starting a process reports at once, which may decide more
        let mut pending = std::collections::VecDeque::from(actions);
        while let Some(action) = pending.pop_front() {
            match action {
                Action::Remember(entry) => {
                    let id = entry.command_id;
                    // now: were it written after the result, the id would have no end
                    let is_saved = self.runner.store.remember(entry).await;
                    self.saves.push(Box::pin(async move {
                        if is_saved.await { Event::Saved(id) } else { Event::SaveFailed(id) }
                    }));
                }
                Action::Note(entry) => self.runner.store.note(entry).await,
                Action::Forget { ids, not_before } => self.runner.store.forget(ids, not_before).await,
                Action::Append(body) => self.runner.store.append(self.runner.clock.now(), body).await,
                Action::Keep(output) => self.runner.rest.keep(output).await,
                Action::Refuse(entry, result) => {
                    let body = Body::CommandResult(result);
                    self.runner.store.append_remembering(self.runner.clock.now(), body, entry).await;
                }
                Action::Kill(id) => {
                    if let Some(kill) = self.processes.get(&id) {
                        kill.cancel();
                    }
                }
                Action::Start(order) => {
                    let event = self.start(&order).await;
                    pending.extend(self.runner.commands.on(self.runner.clock.now(), event));
                }
                Action::Warn(text) => tracing::warn!("{}", gururmm_observe::Printable(&text)),
            }
        }
        *self.runner.held.lock() = self.runner.commands.held().collect();
    }

    async fn start(&mut self, order: &Order) -> Event {
        let id = order.command_id;
        let launched = launch(order, &self.runner.state_dir).await.map_err(|unsupported| unsupported.reason);
        let launched = launched.and_then(|launch| {
            let started = self.runner.containment.start(&id.to_string(), &launch);
            started.map_err(|error| format!("{} could not be started: {error}", launch.interpreter.program.display()))
        });
        match launched {
            Ok(running) => {
                tracing::info!(command_id = %id, "a command started");
                let kill = CancellationToken::new();
                self.processes.insert(id, kill.clone());
                let limit = Duration::from_secs(u64::from(order.timeout_seconds));
                self.tracker.spawn(process::attend(id, running, limit, reading::DRAIN, kill, self.events.clone()));
                Event::Started(id)
            }
            Err(reason) => Event::StartFailed(id, reason),
        }
    }
}

/// What is to be started, or why it cannot be.
async fn launch(order: &Order, state_dir: &Path) -> Result<Launch, Unsupported> {
    let person = match (order.context, order.elevated) {
        (CommandContext::UserSession, false) => Some(person().await?),
        (CommandContext::System, true) => None,
        (CommandContext::UserSession, true) => {
            return Err(Unsupported::because(
                "a command in the session of a person has that person's rights and no others",
            ));
        }
        _ => return Err(Unsupported::because("a command of the system has the agent's rights and no others")),
    };
    Ok(Launch {
        interpreter: interpreter::find(order.command_type, order.interpreter.as_deref(), state_dir, person.is_none())?,
        text: order.command.clone(),
        arguments: order.arguments.clone(),
        environment: order.environment.clone(),
        person,
    })
}

/// Who sits at the machine. What a person's programs say of themselves is read, and they may keep a reader waiting for ever.
async fn person() -> Result<Person, Unsupported> {
    let asked = tokio::time::timeout(PERSON, tokio::task::spawn_blocking(session::active)).await;
    let late = || Unsupported::because("the session of the person does not say what it is");
    asked.map_err(|_| late())?.map_err(|_| late())?
}
