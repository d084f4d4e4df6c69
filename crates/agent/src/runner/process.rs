//! One process: reports what it writes and how it ends.

use std::time::Duration;

use gururmm_agent_core::commands::{Event, Exit};
use gururmm_agent_os::process::{Ended, Running};
use gururmm_ids::CommandId;
use gururmm_protocol::command::Stream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::reading::Reader;

/// How long a killed shell may take to be collected. One that the system cannot end is not waited for any longer.
const COLLECT: Duration = Duration::from_secs(5);

/// Attends to a process until it has ended or survives being killed; the last report is its exit.
pub(super) async fn attend(
    id: CommandId,
    running: Running,
    limit: Duration,
    drain: Duration,
    kill: CancellationToken,
    events: mpsc::Sender<Event>,
) {
    let Running { mut child, stdout, stderr, mut tree } = running;
    let has_ended = CancellationToken::new();
    let reader = |stream| Reader { id, stream, events: &events, ended: &has_ended, drain };
    let reading = async {
        let read = tokio::join!(reader(Stream::Stdout).run(stdout), reader(Stream::Stderr).run(stderr));
        read == (true, true)
    };
    tokio::pin!(reading);
    let mut read_all = None;

    let alarm = sleep_until(Instant::now() + limit);
    tokio::pin!(alarm);
    let mut rang = false;
    let mut all_gone = None;
    let status = loop {
        tokio::select! {
            biased;
            read = &mut reading, if read_all.is_none() => read_all = Some(read),
            status = child.wait() => break Some(status),
            () = kill.cancelled() => {
                all_gone = Some(tree.kill().await);
                break timeout(COLLECT, child.wait()).await.ok();
            }
            () = &mut alarm, if !rang => {
                rang = true;
                let _ = events.send(Event::TimedOut(id)).await;
            }
        }
    };
    let ended = match status {
        Some(status) => {
            tree.shell_collected();
            match status {
                Ok(status) => Some(Ok(tree.ended(status).await)),
                Err(error) => Some(Err(error)),
            }
        }
        None => None,
    };
    has_ended.cancel();
    let read_all = match read_all {
        Some(read) => read,
        None => reading.await,
    };
    if !read_all {
        let _ = events.send(Event::LeftOpen(id)).await;
    }
    if kill.is_cancelled() {
        // it may have ended by itself a moment before its children were to be killed
        if all_gone.is_none() {
            all_gone = Some(tree.kill().await);
        }
        drop(tree);
    } else {
        tree.release();
    }
    let exit = match ended {
        _ if all_gone == Some(false) => Exit::Survived,
        None => Exit::Survived,
        Some(Ok(Ended::Code(code))) => Exit::Code(code),
        Some(Ok(Ended::Signal(signal))) => Exit::Signal(signal),
        Some(Err(error)) => Exit::Unknown(format!("the system does not say how it ended: {error}")),
    };
    let _ = events.send(Event::Exited(id, exit)).await;
}
