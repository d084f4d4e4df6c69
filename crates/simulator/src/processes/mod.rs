//! The product as real processes, for tests of faults and for measurements: a server and an agent as they are started by hand,
//! each in a folder of its own, on loopback.
//!
//! Nothing of the machine reaches into them: neither a variable of the caller nor the configuration of a server that is installed
//! here. What a process prints goes to a file beside its folder and is part of the error when it ends too early.

mod agent;
mod process;
mod server;
mod stop;
pub mod usage;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tempfile::TempDir;

pub use agent::AgentHome;
pub use process::{Process, clean};
pub use server::{Administrator, ServerHome};
pub use stop::stop_asked;

/// Longest wait for anything; generous, because test machines are busy.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// A folder that the database's unprivileged user can reach.
pub fn folder() -> anyhow::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("grmm").tempdir_in("/tmp")?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

/// A port nobody uses. Another program may take it before we do; then the start fails and says so.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Asks every `pause` until there is an answer.
pub async fn until<T>(
    what: &str,
    pause: Duration,
    mut probe: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let began = Instant::now();
    loop {
        if let Some(found) = probe().await? {
            return Ok(found);
        }
        ensure!(began.elapsed() < WAIT_MAX, "waited in vain for {what}");
        tokio::time::sleep(pause).await;
    }
}
