//! `GET /api/events`

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use gururmm_ids::{AgentId, CommandId};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, interval_at};

use crate::app::AppState;
use crate::platform::auth::session::CACHE_FOR;
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;
use crate::platform::live::{LiveEvent, LiveKind};

const WATCHED_MAX: usize = 20;
const PING_EVERY: Duration = Duration::from_secs(15);
/// A stream outlives its request; the session is asked this often whether it still holds.
const SESSION_CHECK_EVERY: Duration = Duration::from_millis(500);
const _: () =
    assert!(SESSION_CHECK_EVERY.as_millis() + CACHE_FOR.as_millis() <= 1_000, "a revocation is felt within a second");

/// Whose output is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    commands: Vec<CommandId>,
    agents: Vec<AgentId>,
}

/// Whose output is heard: the wanted that the scope sees.
struct Watched {
    commands: HashMap<CommandId, AgentId>,
    agents: HashSet<AgentId>,
}

struct Listener {
    app: AppState,
    scope: OrgScope,
    watched: Watched,
    events: Receiver<LiveEvent>,
    session_check: Interval,
}

/// Listen to live events
///
/// A `text/event-stream`. Events: `agent_status`, `agent_changed`, `agent_metrics`, `command_changed`, `tree_changed`, and `command_output` for the
/// commands named by `watch_command` and all commands of the machines named by `watch_agent`. `resync` means: some were missed, read again what you show.
#[utoipa::path(get, path = "/events", operation_id = "event_stream", tag = "events", security(("bearer" = [])),
    params(("watch_command" = Option<Vec<CommandId>>, Query, description = "Commands whose output is wanted, at most 20"),
           ("watch_agent" = Option<Vec<AgentId>>, Query, description = "Machines of which the output of every command is wanted, at most 20")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn event_stream(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let scope = caller.require(Permission::AgentsView)?;
    let wanted = watched(query.as_deref().unwrap_or(""))?;
    if wanted != Wanted::default() {
        caller.require(Permission::CommandsView)?;
    }
    // listen first, look second: nothing can happen unheard in between
    let events = app.live.subscribe();
    let watched = visible(&app, &scope, &wanted).await?;
    let session_check = interval_at(Instant::now() + SESSION_CHECK_EVERY, SESSION_CHECK_EVERY);
    let listener = Listener { app, scope, watched, events, session_check };
    let first = futures_util::stream::once(async { Ok(Event::default().comment("listening")) });
    let rest = unfold(listener, |mut listener| async move { listener.next().await.map(|event| (Ok(event), listener)) });
    Ok(Sse::new(futures_util::StreamExt::chain(first, rest))
        .keep_alive(KeepAlive::new().interval(PING_EVERY).text("ping")))
}

fn watched(query: &str) -> Result<Wanted, Problem> {
    let wrong = || {
        Problem::invalid_request(
            "Only watch_command=<id> and watch_agent=<id> are understood here, each at most 20 times.",
        )
    };
    let mut wanted = Wanted::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "watch_command" => wanted.commands.push(value.parse().map_err(|_| wrong())?),
            "watch_agent" => wanted.agents.push(value.parse().map_err(|_| wrong())?),
            _ => return Err(wrong()),
        }
    }
    if wanted.commands.len().max(wanted.agents.len()) > WATCHED_MAX { Err(wrong()) } else { Ok(wanted) }
}

/// What of the wanted the scope sees; the rest is left out, as if it never wrote anything.
async fn visible(app: &AppState, scope: &OrgScope, wanted: &Wanted) -> sqlx::Result<Watched> {
    let mut watched = Watched { commands: HashMap::new(), agents: HashSet::new() };
    if *wanted == Wanted::default() {
        return Ok(watched);
    }
    let commands: Vec<_> = wanted.commands.iter().map(|id| id.as_uuid()).collect();
    let agents: Vec<_> = wanted.agents.iter().map(|id| id.as_uuid()).collect();
    let mut tx = app.db.begin_scoped(scope).await?;
    let rows = sqlx::query!(
        r#"select id as "id: CommandId", agent_id as "agent_id: AgentId" from commands where org_id = $1 and id = any($2)"#,
        scope.org_id as _,
        &commands,
    )
    .fetch_all(&mut *tx)
    .await?;
    watched.commands = rows.into_iter().map(|row| (row.id, row.agent_id)).collect();
    let rows = sqlx::query_scalar!(
        r#"select id as "id: AgentId" from agents where org_id = $1 and id = any($2)"#,
        scope.org_id as _,
        &agents
    )
    .fetch_all(&mut *tx)
    .await?;
    watched.agents = rows.into_iter().collect();
    Ok(watched)
}

impl Listener {
    /// The next event; none when the session or the server ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                () = self.app.stopping.cancelled() => return None,
                _ = self.session_check.tick() => {
                    let session = self.app.sessions.find(&self.app.db, self.scope.session_id, self.app.clock.now()).await;
                    if matches!(session, Ok(None)) {
                        return None;
                    }
                }
                event = self.events.recv() => match event {
                    Ok(event) if self.hears(&event) => return Some(encode(&event.kind)),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return Some(Event::default().event("resync").data("{}")),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    fn hears(&self, event: &LiveEvent) -> bool {
        event.org_id == self.scope.org_id
            && match &event.kind {
                LiveKind::CommandOutput { command_id, agent_id, .. } => {
                    self.watched.agents.contains(agent_id) || self.watched.commands.get(command_id) == Some(agent_id)
                }
                _ => true,
            }
    }
}

fn encode(kind: &LiveKind) -> Event {
    Event::default().event(kind.name()).json_data(kind).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_commands_and_machines_can_be_watched() {
        let id = CommandId::generate();
        let wanted = watched(&format!("watch_command={id}&watch_agent={id}&watch_command={id}")).unwrap();
        assert_eq!((wanted.commands.len(), wanted.agents.len()), (2, 1));
        assert_eq!(watched("").unwrap(), Wanted::default());
        let many = vec![format!("watch_agent={id}"); 21].join("&");
        for wrong in ["watch_command=x", "other=1", many.as_str()] {
            assert_eq!(watched(wrong).unwrap_err().code, "invalid_request", "{wrong}");
        }
    }
}
