//! `GET /api/commands/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CommandId;
use gururmm_protocol::command::Stream;
use gururmm_protocol::limits::OUTPUT_MAX;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::AppState;
use crate::features::agents;
use crate::features::commands::db;
use crate::features::commands::encoding::OutputEncoding;
use crate::features::commands::lines::{self, LineTime};
use crate::features::commands::model::{self, Command};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem, Query};

/// A command and what it wrote.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommandDetail {
    #[serde(flatten)]
    command: Command,
    /// Standard output as text; bytes that stand for nothing appear as `�`. At most 1 MiB is kept.
    stdout: String,
    /// Standard error as text; bytes that stand for nothing appear as `�`. At most 1 MiB is kept.
    stderr: String,
    /// As what the bytes of standard output were read.
    stdout_encoding: OutputEncoding,
    /// As what the bytes of standard error were read.
    stderr_encoding: OutputEncoding,
    /// When the lines of standard output began, as far as their machine has told.
    stdout_times: Vec<LineTime>,
    /// When the lines of standard error began, as far as their machine has told.
    stderr_times: Vec<LineTime>,
    /// Bytes of standard output that are kept so far: where live output goes on.
    stdout_kept_bytes: u64,
    /// Bytes of standard error that are kept so far: where live output goes on.
    stderr_kept_bytes: u64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct GetQuery {
    /// As what the output is read; what it seems to be unless told.
    #[param(inline)]
    encoding: Option<OutputEncoding>,
}

/// Get a command with its output
#[utoipa::path(get, path = "/commands/{id}", operation_id = "command_get", tag = "commands", params(("id" = CommandId, Path), GetQuery),
    security(("bearer" = [])), extensions(("x-permission" = json!("commands.view"))),
    responses((status = 200, body = CommandDetail), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandId>,
    Query(query): Query<GetQuery>,
) -> Result<Json<CommandDetail>, Problem> {
    let scope = caller.require(Permission::CommandsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let command = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let stdout = db::output(&mut tx, &scope, id, Stream::Stdout).await?;
    let stderr = db::output(&mut tx, &scope, id, Stream::Stderr).await?;
    let is_windows = agents::find(&mut tx, &scope, command.agent_id).await?.is_some_and(|agent| agent.os == "windows");
    let encoding = |bytes: &[u8]| query.encoding.unwrap_or_else(|| OutputEncoding::of(bytes, is_windows));
    let (stdout_encoding, stderr_encoding) = (encoding(&stdout.data), encoding(&stderr.data));
    Ok(Json(CommandDetail {
        command,
        stdout_kept_bytes: stdout.end,
        stderr_kept_bytes: stderr.end,
        stdout_times: lines::times(stdout_encoding, &stdout.data, &stdout.pieces),
        stderr_times: lines::times(stderr_encoding, &stderr.data, &stderr.pieces),
        stdout: shown(stdout_encoding, &stdout.data),
        stderr: shown(stderr_encoding, &stderr.data),
        stdout_encoding,
        stderr_encoding,
    }))
}

/// The text. Where there may be more, a character whose end is not kept is told with the rest.
fn shown(encoding: OutputEncoding, kept: &[u8]) -> String {
    let is_full = kept.len() as u64 == OUTPUT_MAX;
    encoding.decode(if is_full { &kept[..encoding.whole(kept)] } else { kept })
}
