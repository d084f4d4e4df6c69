//! `GET /api/events`

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use gururmm_ids::{AgentId, CommandId};
use tokio::time::{Instant, Interval, interval_at, timeout_at};

use crate::app::AppState;
use crate::features::events::audience::Audience;
use crate::platform::auth::identity::CACHE_FOR;
use crate::platform::auth::streams::OpenStream;
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;
use crate::platform::live::{Heard, Listening, LiveKind};

const WATCHED_MAX: usize = 20;
const PING_EVERY: Duration = Duration::from_secs(15);
/// When to come back with a session that has too many streams.
const TOO_MANY_SECONDS: u64 = 10;
/// A stream outlives its request; the session is asked this often whether it still holds.
const SESSION_CHECK_EVERY: Duration = Duration::from_millis(500);
/// Without an answer of the database for so long a stream ends.
const UNANSWERED_MAX: Duration = Duration::from_secs(5);
const _: () =
    assert!(SESSION_CHECK_EVERY.as_millis() + CACHE_FOR.as_millis() <= 1_000, "a revocation is felt within a second");

/// Whose output is wanted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    commands: Vec<CommandId>,
    agents: Vec<AgentId>,
}

/// Whose output is heard: each command with its machine, and machines.
#[derive(Default)]
struct Visible {
    commands: Vec<(CommandId, AgentId)>,
    agents: Vec<AgentId>,
}

struct Listener {
    app: AppState,
    caller: Caller,
    audience: Audience,
    listening: Listening,
    session_check: Interval,
    #[expect(dead_code, reason = "held for its drop")]
    open: OpenStream,
    /// When the database last knew the session.
    asked_at: Instant,
}

/// Listen to live events
///
/// A `text/event-stream`. Events: `agent_status`, `agent_changed`, `agent_metrics`, `command_changed`, `tree_changed`, `users_changed`, and
/// `command_output` for the commands named by `watch_command` and all commands of the machines named by `watch_agent`; each is told to those who may
/// see what it is about. `resync` means: some were missed, read again what you show. `access_changed` means that what the caller may do may have
/// changed: ask who you are again; the stream ends when it has, and is opened anew.
/// `ping` comes when nothing else did for 15 seconds: a listener that hears nothing for much longer has lost the connection.
#[utoipa::path(get, path = "/events", operation_id = "event_stream", tag = "events", security(("bearer" = [])),
    params(("watch_command" = Option<Vec<CommandId>>, Query, description = "Commands whose output is wanted, at most 20"),
           ("watch_agent" = Option<Vec<AgentId>>, Query, description = "Machines of which the output of every command is wanted, at most 20")), extensions(("x-permission" = json!("own"))),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn event_stream(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let wanted = watched(query.as_deref().unwrap_or(""))?;
    let scope =
        if wanted == Wanted::default() { caller.own_scope() } else { caller.require(Permission::CommandsView)? };
    let open = app.streams.open(caller.identity.credential()).ok_or_else(|| Problem::rate_limited(TOO_MANY_SECONDS))?;
    // listen first, look second: nothing can happen unheard in between
    let mut listening = app.live.listen(scope.org_id);
    let visible = visible(&app, &scope, &wanted).await?;
    listening.watch(visible.commands, visible.agents);
    let session_check = interval_at(Instant::now() + SESSION_CHECK_EVERY, SESSION_CHECK_EVERY);
    let audience = Audience::of(&app, &caller).await?;
    let listener = Listener { app, caller, audience, listening, session_check, open, asked_at: Instant::now() };
    let first = futures_util::stream::once(async { Ok(Event::default().comment("listening")) });
    let rest = unfold(listener, |mut listener| async move { listener.next().await.map(|event| (Ok(event), listener)) });
    Ok(Sse::new(futures_util::StreamExt::chain(first, rest)).keep_alive(keep_alive(PING_EVERY)))
}

/// An event and not a comment, which readers of such streams keep to themselves.
fn keep_alive(every: Duration) -> KeepAlive {
    KeepAlive::new().interval(every).event(Event::default().event("ping").data("{}"))
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
async fn visible(app: &AppState, scope: &OrgScope, wanted: &Wanted) -> sqlx::Result<Visible> {
    if *wanted == Wanted::default() {
        return Ok(Visible::default());
    }
    let commands: Vec<_> = wanted.commands.iter().map(|id| id.as_uuid()).collect();
    let agents: Vec<_> = wanted.agents.iter().map(|id| id.as_uuid()).collect();
    let mut tx = app.db.begin_scoped(scope).await?;
    let commands = sqlx::query!(
        r#"select id as "id: CommandId", agent_id as "agent_id: AgentId" from commands where org_id = $1 and id = any($2)"#,
        scope.org_id as _,
        &commands,
    )
    .fetch_all(&mut *tx)
    .await?;
    let agents = sqlx::query_scalar!(
        r#"select id as "id: AgentId" from agents where org_id = $1 and id = any($2)"#,
        scope.org_id as _,
        &agents
    )
    .fetch_all(&mut *tx)
    .await?;
    Ok(Visible { commands: commands.into_iter().map(|row| (row.id, row.agent_id)).collect(), agents })
}

impl Listener {
    /// Whether the session does, and may do what it might when the stream was opened. A database that does not answer may have been told of its end: it is waited for, and not for long.
    async fn still_holds(&mut self) -> bool {
        let until = self.asked_at + UNANSWERED_MAX;
        match timeout_at(until, self.caller.still_holds(&self.app)).await {
            Ok(Ok(holds)) => {
                self.asked_at = Instant::now();
                holds
            }
            Ok(Err(_)) => Instant::now() < until,
            Err(_) => false,
        }
    }

    /// The next event; none when the session or the server ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                // who reads again after a pause is asked who they are before they are told anything
                biased;
                () = self.app.stopping.cancelled() => return None,
                _ = self.session_check.tick() => {
                    if !self.still_holds().await {
                        return None;
                    }
                }
                heard = self.listening.next() => match heard {
                    Heard::Event(kind) => if self.audience.hears(&self.app, &kind).await.ok()? {
                        return Some(encode(&kind));
                    },
                    Heard::Missed => {
                        self.audience.look_again(&self.app).await.ok()?;
                        return Some(Event::default().event("resync").data("{}"));
                    }
                },
            }
        }
    }
}

fn encode(kind: &LiveKind) -> Event {
    Event::default().event(kind.name()).json_data(kind).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    #[tokio::test]
    async fn silence_is_broken_by_an_event_that_a_browser_hears() {
        let silence = futures_util::stream::pending::<Result<Event, Infallible>>();
        let mut body = Sse::new(silence)
            .keep_alive(keep_alive(Duration::from_millis(1)))
            .into_response()
            .into_body()
            .into_data_stream();
        let ping = futures_util::StreamExt::next(&mut body).await.unwrap().unwrap();
        assert_eq!(ping, "event: ping\ndata: {}\n\n");
    }

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
