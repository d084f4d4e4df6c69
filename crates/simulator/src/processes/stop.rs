//! Being asked to stop: whoever is, ends what it has started.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C, or for the signal by which one process asks another to end.
pub async fn stop_asked() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => Ok(pressed?),
        _ = terminate.recv() => Ok(()),
    }
}
