use std::io;

use std::sync::LazyLock;

use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, CtrlShutdown};
use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
use tokio_util::sync::CancellationToken;

static REQUESTED: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// The service control manager wants the agent to stop.
pub(crate) fn request() {
    REQUESTED.cancel();
}

/// A console event: Ctrl-C, Ctrl-Break, the window is closed, the machine shuts down. Or the service control manager's wish.
pub struct StopSignal {
    c: CtrlC,
    r#break: CtrlBreak,
    close: CtrlClose,
    shutdown: CtrlShutdown,
}

impl StopSignal {
    /// From here on the events no longer end the process by themselves.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { c: ctrl_c()?, r#break: ctrl_break()?, close: ctrl_close()?, shutdown: ctrl_shutdown()? })
    }

    /// Waits for one of them.
    pub async fn received(&mut self) -> &'static str {
        tokio::select! {
            _ = self.c.recv() => "Ctrl-C",
            _ = self.r#break.recv() => "Ctrl-Break",
            _ = self.close.recv() => "the window was closed",
            _ = self.shutdown.recv() => "the machine shuts down",
            () = REQUESTED.cancelled() => "the service control manager",
        }
    }
}
