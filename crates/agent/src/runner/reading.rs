//! What a process writes: read as it comes, reported in pieces.
//!
//! The first piece is reported at once, for whoever watches. What follows within [`GATHER`] goes together, so that a command
//! that writes line by line does not make a record of each. A runner that is slow holds up the reader and, by the pipe, the
//! command. Once the shell has ended, all that it wrote is in the pipe: the reader takes all of it, however slow the runner is,
//! and gives up only on a pipe that another process holds open and says nothing in.

use std::time::Duration;

use gururmm_agent_core::commands::Event;
use gururmm_ids::CommandId;
use gururmm_protocol::command::Stream;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// Reported at once, and the memory of a reader.
const PIECE: usize = 16 * 1024;

/// Between reports of pieces that are smaller.
pub(super) const GATHER: Duration = Duration::from_millis(50);

/// More than a pipe holds: what comes beyond this after the end was not written by the shell.
const HELD_BY_PIPE: usize = 1024 * 1024;

/// How long the readers of one process wait after its end, all waiting together.
pub(super) const DRAIN: Duration = Duration::from_secs(1);

/// Reads one stream of one process.
pub(super) struct Reader<'a> {
    pub(super) id: CommandId,
    pub(super) stream: Stream,
    pub(super) events: &'a mpsc::Sender<Event>,
    /// Cancelled when the shell has ended.
    pub(super) ended: &'a CancellationToken,
    pub(super) drain: Duration,
}

impl Reader<'_> {
    /// Reads to the end of the stream; returns whether that came.
    pub(super) async fn run(self, mut pipe: impl AsyncRead + Unpin) -> bool {
        let mut piece = Vec::with_capacity(PIECE);
        let mut report_at = Instant::now();
        let (mut draining, mut patience, mut after_end) = (false, self.drain, 0);
        loop {
            if piece.len() >= PIECE || (!piece.is_empty() && Instant::now() >= report_at) {
                self.report(&mut piece).await;
                report_at = Instant::now() + GATHER;
            }
            let since = Instant::now();
            tokio::select! {
                biased;
                read = pipe.read_buf(&mut piece) => {
                    let Ok(length @ 1..) = read else {
                        self.report(&mut piece).await;
                        return true;
                    };
                    after_end += if draining { length } else { 0 };
                }
                () = self.ended.cancelled(), if !draining => {
                    draining = true;
                    continue;
                }
                () = sleep_until(report_at), if !piece.is_empty() => {}
                () = sleep(patience), if draining => after_end = usize::MAX,
            }
            if draining {
                patience = patience.saturating_sub(since.elapsed());
            }
            if after_end > HELD_BY_PIPE {
                self.report(&mut piece).await;
                return false;
            }
        }
    }

    async fn report(&self, piece: &mut Vec<u8>) {
        if !piece.is_empty() {
            let output = Event::Output { command_id: self.id, stream: self.stream, data: piece.clone(), room: true };
            piece.clear();
            let _ = self.events.send(output).await;
        }
    }
}
