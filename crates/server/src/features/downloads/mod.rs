//! What a machine fetches to become managed: the install script and the agent's program.
//!
//! Public, because a machine that is not enrolled has no credentials; nothing here is secret. Programs lie in
//! `agents_dir/<os>/<arch>/gururmm-agent[.exe]`; nothing is ever looked up by a name that a client sends.

mod agent;
mod install;
mod platform;
mod sums;

use std::sync::Arc;

use axum::routing::get;
use axum::{Extension, Router};

use crate::app::AppState;

/// This feature's routes.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/install.sh", get(install::install_script))
        .route("/downloads/agent/{os}/{arch}", get(agent::agent_program))
        .layer(Extension(Arc::<sums::Sums>::default()))
}
