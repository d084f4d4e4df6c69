//! `GET /api/commands/{id}/output`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CommandId;
use gururmm_protocol::command::Stream;
use gururmm_protocol::limits::{OUTPUT_MAX, REST_MAX};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::features::agents;
use crate::features::commands::db;
use crate::features::commands::encoding::OutputEncoding;
use crate::features::commands::model;
use crate::gateway::AskError;
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem, Query};

/// What agents say that keep it.
const CAPABILITY: &str = "commands.rest";

const GONE: &str =
    "The machine does not keep it any more: it does for a day, and up to 256 MiB of all commands together.";

/// One of the two streams of a program.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputQuery {
    /// Of which stream.
    #[param(inline)]
    stream: OutputStream,
    /// From which of its bytes on; those that the server keeps are in the command itself. The first that it does not keep unless told.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_u64)]
    offset: Option<u64>,
    /// As what the output is read; as the beginning of the stream unless told.
    #[param(inline)]
    encoding: Option<OutputEncoding>,
}

/// A piece of what a command wrote beyond what the server keeps.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutputRest {
    /// Its first byte.
    offset: u64,
    /// Where it goes on.
    next_offset: u64,
    /// Bytes of the stream up to the end of what the machine keeps.
    end: u64,
    /// The text; bytes that stand for nothing appear as `�`.
    text: String,
}

/// Read the rest of a command's output
///
/// What a command writes beyond the first MiB of a stream stays on its machine for a day, up to 64 MiB more. This asks the machine for up to 128 KiB of it, which are stored nowhere else.
#[utoipa::path(get, path = "/commands/{id}/output", operation_id = "command_output", tag = "commands", params(("id" = CommandId, Path), OutputQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("commands.view"))),
    responses((status = 200, body = OutputRest), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_output(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandId>,
    Query(query): Query<OutputQuery>,
) -> Result<Json<OutputRest>, Problem> {
    let scope = caller.require(Permission::CommandsView)?;
    let stream = match query.stream {
        OutputStream::Stdout => Stream::Stdout,
        OutputStream::Stderr => Stream::Stderr,
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    let command = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let kept = db::output(&mut tx, &scope, id, stream).await?;
    let agent = agents::find(&mut tx, &scope, command.agent_id).await?.ok_or_else(model::not_found)?;
    drop(tx);
    let offset = query.offset.unwrap_or(kept.end);
    if offset < kept.end {
        let detail = format!("The bytes before {} are in the command itself; begin there.", kept.end);
        return Err(Problem::field("offset", detail));
    }
    if offset > OUTPUT_MAX + REST_MAX {
        return Err(Problem::field("offset", "No machine keeps so much: it is 64 MiB at most."));
    }
    let nothing = OutputRest { offset, next_offset: offset, end: offset, text: String::new() };
    let written = if stream == Stream::Stdout { command.stdout_bytes } else { command.stderr_bytes };
    if offset < OUTPUT_MAX || (command.is_ended() && written.cast_unsigned() <= offset) {
        return Ok(Json(nothing));
    }
    if !agent.capabilities.iter().any(|capability| capability.name == CAPABILITY && capability.supported) {
        return Err(not_kept("This agent keeps nothing beyond 1 MiB. Update it, and run the command again."));
    }
    let part = app.gateway.read_output((scope.org_id, command.agent_id), id, stream, offset).await.map_err(why_not)?;
    let Some(end) = part.end else {
        return if command.is_ended() { Err(not_kept(GONE)) } else { Ok(Json(nothing)) };
    };
    let encoding = query.encoding.unwrap_or_else(|| OutputEncoding::of(&kept.data, agent.os == "windows"));
    // a character whose beginning the server keeps
    let begun = if offset == kept.end { &kept.data[encoding.whole(&kept.data)..] } else { &[] };
    let data = [begun, &part.data].concat();
    let is_last = offset + part.data.len() as u64 >= end && command.is_ended();
    let whole = if is_last { data.len() } else { encoding.whole(&data).max(begun.len()) };
    let text = encoding.decode(&data[..whole]);
    Ok(Json(OutputRest { offset, next_offset: offset + (whole - begun.len()) as u64, end, text }))
}

fn not_kept(detail: &'static str) -> Problem {
    Problem::conflict("output_not_kept", detail)
}

fn why_not(error: AskError) -> Problem {
    let away = "The machine is away or does not answer. The rest of the output lies there; read it when it is back.";
    match error {
        AskError::Away | AskError::Silent => Problem::conflict("agent_offline", away),
        AskError::Busy => Problem::rate_limited(1),
    }
}
