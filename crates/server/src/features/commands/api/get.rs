//! `GET /api/commands/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::CommandId;
use gururmm_protocol::command::Stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::commands::db;
use crate::features::commands::model::{self, Command};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Path, Problem};

/// A command and what it wrote.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommandDetail {
    #[serde(flatten)]
    command: Command,
    /// Standard output as UTF-8; invalid bytes appear as `�`. At most 1 MiB is kept.
    stdout: String,
    /// Standard error as UTF-8; invalid bytes appear as `�`. At most 1 MiB is kept.
    stderr: String,
    /// Bytes of standard output that are kept so far: where live output goes on.
    stdout_kept_bytes: u64,
    /// Bytes of standard error that are kept so far: where live output goes on.
    stderr_kept_bytes: u64,
}

/// Get a command with its output
#[utoipa::path(get, path = "/commands/{id}", operation_id = "command_get", tag = "commands", params(("id" = CommandId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("commands.view"))),
    responses((status = 200, body = CommandDetail), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn command_get(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<CommandId>,
) -> Result<Json<CommandDetail>, Problem> {
    let scope = caller.require(Permission::CommandsView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let command = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let stdout = db::output(&mut tx, &scope, id, Stream::Stdout).await?;
    let stderr = db::output(&mut tx, &scope, id, Stream::Stderr).await?;
    Ok(Json(CommandDetail {
        command,
        stdout_kept_bytes: stdout.end,
        stderr_kept_bytes: stderr.end,
        stdout: String::from_utf8_lossy(&stdout.data).into_owned(),
        stderr: String::from_utf8_lossy(&stderr.data).into_owned(),
    }))
}
