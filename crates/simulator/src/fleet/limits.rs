//! Open files: every machine has a connection.

use anyhow::ensure;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// For everything that is no machine.
const RESERVE: u64 = 64;

/// Raises the limit as far as the system lets, and says so when it is too low.
pub fn require_files(connections: usize) -> anyhow::Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let needed = connections as u64 + RESERVE;
    if soft < needed && soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, needed.min(hard), hard)?;
    }
    ensure!(
        hard >= needed,
        "{connections} connections need {needed} open files, and this process may have {hard}: \
         simulate at most {} machines, or raise the limit (ulimit -Hn)",
        hard.saturating_sub(RESERVE)
    );
    Ok(())
}
