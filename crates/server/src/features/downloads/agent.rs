//! `GET /downloads/agent/{os}/{arch}` and `GET /downloads/agent/{os}/{arch}.sha256`

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use super::platform::Platform;
use super::sums::Sums;
use crate::app::AppState;
use crate::platform::http::{Path, Problem};

const CHUNK: usize = 64 * 1024;

/// The agent's program for a platform, or its SHA-256 in the format of `sha256sum`.
pub(super) async fn agent_program(
    State(app): State<AppState>,
    Extension(sums): Extension<Arc<Sums>>,
    Path((os, arch)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (arch, wants_sum) = match arch.strip_suffix(".sha256") {
        Some(arch) => (arch, true),
        None => (arch.as_str(), false),
    };
    let platform = Platform::find(&os, arch).ok_or_else(|| {
        Problem::not_found(
            "agent_program_not_found",
            "There is no such platform. Known are linux, windows and macos, each with x86_64, aarch64 and i686.",
        )
    })?;
    let (path, file) = open(&app, platform).await?;
    if !wants_sum {
        return stream(file, platform).await;
    }
    let sum = sums.get(&path, file).await.map_err(Problem::internal)?;
    Ok(([(header::CACHE_CONTROL, "no-cache")], format!("{sum}  {}\n", platform.program())).into_response())
}

async fn open(app: &AppState, platform: Platform) -> Result<(PathBuf, File), Problem> {
    let server = std::env::current_exe().ok();
    let server_dir = server.as_deref().and_then(std::path::Path::parent);
    for place in platform.places(app.config.agents_dir.as_deref(), server_dir) {
        match File::open(&place).await {
            Ok(file) if file.metadata().await.map_err(Problem::internal)?.is_file() => return Ok((place, file)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound || error.kind() == io::ErrorKind::NotADirectory => {}
            Err(error) => return Err(Problem::internal(error)),
        }
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        "agent_program_not_found",
        format!("This server has no agent for {}/{}. Its operator can add one.", platform.os, platform.arch),
    ))
}

async fn stream(file: File, platform: Platform) -> Result<Response, Problem> {
    let length = file.metadata().await.map_err(Problem::internal)?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", platform.program())),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    // no more than was promised, should the file grow meanwhile
    let body = Body::from_stream(ReaderStream::with_capacity(file.take(length), CHUNK));
    Ok((headers, body).into_response())
}
