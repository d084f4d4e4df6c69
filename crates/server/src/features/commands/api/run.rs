//! `POST /api/agents/{id}/command`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::{AgentId, CommandId};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::agents;
use crate::features::commands::db;
use crate::features::commands::model::{self, Asked, Command};
use crate::features::commands::what::{CommandContextName, CommandTypeName, OnDisconnectName, Wish, expiry};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CommandRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    /// The text, at most 64 KiB.
    command: String,
    /// What reads it; `shell` unless told.
    #[serde(default)]
    command_type: CommandTypeName,
    /// What reads the text of a `script`: the name of a program, such as `bash`, or its full path.
    interpreter: Option<String>,
    /// What the text is given, one by one: never a part of a line that a shell reads. At most 64, of 4 KiB each. `cmd` takes none. Everybody on the
    /// machine may see them.
    #[serde(default)]
    arguments: Vec<String>,
    /// Variables for its environment, at most 64, of 4 KiB each. Their values are not shown again, and forgotten when the command has ended. Who has
    /// the rights that the command has can read them while it runs.
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// In whose session it runs; `system` unless told.
    #[serde(default)]
    context: CommandContextName,
    /// 1 to 86,400; 300 unless told.
    timeout_seconds: Option<u32>,
    /// Whether it has the agent's own rights (those of root or SYSTEM, where the agent is a service): always in the context `system`, never in a
    /// person's session. Leave it out.
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
        Err(error) if violates(&error, "commands_stopped") => return Err(model::stopped()),
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
    let expires_in = expiry(body.expires_in_seconds)?;
    let wish = Wish {
        command: body.command,
        command_type: body.command_type,
        interpreter: body.interpreter,
        arguments: body.arguments,
        environment: body.environment,
        context: body.context,
        timeout_seconds: body.timeout_seconds,
        elevated: body.elevated,
        on_disconnect: body.on_disconnect,
    };
    let now = Time::stored(now);
    Ok(Asked {
        id: CommandId::generate(),
        agent_id,
        what: wish.checked()?,
        created_at: now,
        expires_at: Time(now.0.saturating_add(expires_in).map_err(Problem::internal)?),
    })
}
