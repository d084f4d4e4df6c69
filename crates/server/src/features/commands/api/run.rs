//! `POST /api/agents/{id}/command`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::{AgentId, CommandId};
use gururmm_protocol::limits::{COMMAND_TEXT_MAX, COMMAND_TIMEOUT_SECONDS};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::agents;
use crate::features::commands::db;
use crate::features::commands::model::{Asked, Command};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

const TIMEOUT_DEFAULT: u32 = 300;
const EXPIRES_DEFAULT: i64 = 86_400;
const EXPIRES: std::ops::RangeInclusive<i64> = 30..=2_592_000;

/// What runs a command's text.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CommandTypeName {
    /// The system's shell.
    #[default]
    Shell,
}

/// In whose session a command runs.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ContextName {
    /// As the system.
    #[default]
    System,
}

/// What a lost connection does to a running command.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OnDisconnectName {
    /// It goes on and delivers later.
    #[default]
    Continue,
    /// It is ended.
    Abort,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CommandRun)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    /// The text, at most 64 KiB: for `sh -c` on Linux and macOS, for `cmd /C` on Windows.
    command: String,
    /// `shell`.
    #[serde(default)]
    command_type: CommandTypeName,
    /// `system`.
    #[serde(default)]
    context: ContextName,
    /// 1 to 86,400; 300 unless told.
    timeout_seconds: Option<u32>,
    /// Runs with the agent's own rights; the only way so far.
    elevated: Option<bool>,
    /// `continue` unless told.
    #[serde(default)]
    on_disconnect: OnDisconnectName,
    /// How long an absent machine may take to come back, 30 to 2,592,000; a day unless told.
    expires_in_seconds: Option<i64>,
}

/// Run a command on a machine
///
/// Answers at once with the queued command; watch it by `/api/events` or read it by `/api/commands/{id}`. A machine that is offline gets it when it
/// comes back, until it expires.
#[utoipa::path(post, path = "/agents/{id}/command", operation_id = "command_run", tag = "commands", params(("id" = AgentId, Path)),
    request_body = Run, security(("bearer" = [])), extensions(("x-permission" = json!("commands.run"))),
    responses((status = 202, body = Command), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_run(
    State(app): State<AppState>,
    caller: Caller,
    Path(agent_id): Path<AgentId>,
    Body(body): Body<Run>,
) -> Result<(StatusCode, Json<Command>), Problem> {
    let scope = caller.require(Permission::CommandsRun)?;
    let asked = asked(agent_id, body, app.clock.now())?;
    // a task of its own: who hangs up after the command was stored must not keep it from its machine
    let handed = app.tasks.spawn(hand_over(app.clone(), scope, asked));
    Ok((StatusCode::ACCEPTED, Json(handed.await.map_err(Problem::internal)??)))
}

/// Stores the command, and hands it out when its machine is there.
async fn hand_over(app: AppState, scope: OrgScope, asked: Asked) -> Result<Command, Problem> {
    let order = asked.sign(&app.secrets)?;
    let connected_at = app.gateway.is_connected(asked.agent_id).then_some(asked.created_at);
    let accepted = match db::create(&mut *app.db.statement().await?, &scope, &asked, &order, connected_at).await {
        // removed in this moment
        Err(error) if violates(&error, "commands_agent_fkey") => None,
        Err(error) if violates(&error, "command_agent_active") => return Err(agents::not_active()),
        result => result?,
    };
    let Some(accepted) = accepted else { return Err(why_not(&app, &scope, asked.agent_id).await?) };
    if accepted.sent_at.is_some() {
        app.gateway.send_order(asked.agent_id, order);
    }
    let kind = LiveKind::CommandChanged { command_id: asked.id, agent_id: asked.agent_id, status: "queued" };
    app.live.publish(scope.org_id, kind);
    Ok(Command::queued(&asked, accepted))
}

/// What speaks against it: there is no such machine, or the caller may not run anything there.
async fn why_not(app: &AppState, scope: &OrgScope, agent_id: AgentId) -> Result<Problem, Problem> {
    let mut tx = app.db.begin_scoped(scope).await?;
    let place = agents::place_of(&mut tx, scope, agent_id).await?;
    let refusal = place.and_then(|place| scope.at(place).err());
    Ok(refusal.unwrap_or_else(agents::not_found))
}

fn asked(agent_id: AgentId, body: Run, now: Timestamp) -> Result<Asked, Problem> {
    check_text(&body.command)?;
    let timeout_seconds = body.timeout_seconds.unwrap_or(TIMEOUT_DEFAULT);
    if !COMMAND_TIMEOUT_SECONDS.contains(&timeout_seconds) {
        return Err(Problem::field("timeout_seconds", "The time limit must be between 1 and 86400 seconds."));
    }
    let expires_in = body.expires_in_seconds.unwrap_or(EXPIRES_DEFAULT);
    if !EXPIRES.contains(&expires_in) {
        return Err(Problem::field("expires_in_seconds", "A command may wait between 30 seconds and 30 days."));
    }
    if body.elevated == Some(false) {
        return Err(Problem::field(
            "elevated",
            "Commands run with the agent's own rights only; leave this out or set it to true.",
        ));
    }
    // microseconds: what PostgreSQL keeps
    let now = Timestamp::from_microsecond(now.as_microsecond()).map_err(Problem::internal)?;
    Ok(Asked {
        id: CommandId::generate(),
        agent_id,
        command_type: match body.command_type {
            CommandTypeName::Shell => "shell",
        }
        .to_owned(),
        command: body.command,
        context: match body.context {
            ContextName::System => "system",
        }
        .to_owned(),
        timeout_seconds: timeout_seconds.cast_signed(),
        elevated: true,
        on_disconnect: match body.on_disconnect {
            OnDisconnectName::Continue => "continue",
            OnDisconnectName::Abort => "abort",
        }
        .to_owned(),
        created_at: Time(now),
        expires_at: Time(now.saturating_add(SignedDuration::from_secs(expires_in)).map_err(Problem::internal)?),
    })
}

fn check_text(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::field("command", "Give a command."));
    }
    if text.len() > COMMAND_TEXT_MAX {
        return Err(Problem::field(
            "command",
            format!("At most {COMMAND_TEXT_MAX} bytes; put longer work into a file."),
        ));
    }
    if text.contains('\0') {
        return Err(Problem::field("command", "A NUL character cannot be part of a command."));
    }
    Ok(())
}
