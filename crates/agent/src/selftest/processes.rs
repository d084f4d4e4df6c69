//! Commands: output, exit code, and the end of a whole tree.

use std::time::Duration;

use anyhow::Context as _;
use gururmm_agent_os::process::{Containment, Ended};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use super::storage::Scratch;
use super::{Outcome, wrong};

const PATIENCE: Duration = Duration::from_secs(30);

/// What `sh` and `cmd` understand alike.
const SPEAK: &str = "echo out& echo err 1>&2& exit 7";

/// Says so once it has a child, and both would go on for long.
fn linger() -> &'static str {
    if std::env::consts::FAMILY == "unix" {
        "sleep 1000 & echo began; sleep 1000"
    } else {
        "start /b ping -n 1000 127.0.0.1 >nul & echo began& ping -n 1000 127.0.0.1 >nul"
    }
}

/// Standard output, standard error and the exit code come back apart.
pub(super) async fn output() -> Outcome {
    let scratch = Scratch::new()?;
    speak(&Containment::open(scratch.path())).await
}

/// The same in the way in which the service runs commands.
pub(super) async fn of_service() -> Outcome {
    let scratch = Scratch::new()?;
    let containment = Containment::of_service(scratch.path())?;
    speak(&containment).await.map(|seen| format!("{seen} ({})", containment.mechanism()))
}

async fn speak(containment: &Containment) -> Outcome {
    let mut running = containment.spawn("selftest-output", SPEAK).context("the system's shell did not start")?;
    let (mut out, mut err) = (String::new(), String::new());
    let read = async {
        running.stdout.read_to_string(&mut out).await?;
        running.stderr.read_to_string(&mut err).await?;
        running.child.wait().await
    };
    let status = timeout(PATIENCE, read).await.context("a command did not end")?.context("a command was lost")?;
    running.tree.shell_collected();
    let ended = running.tree.ended(status).await;
    running.tree.release();
    if out.trim() != "out" || err.trim() != "err" || ended != Ended::Code(7) {
        return Err(wrong(format!("a command said {out:?} and {err:?} and ended with {status}")));
    }
    Ok("both streams and the exit code came back".to_owned())
}

/// A command and its children are gone after a kill.
pub(super) async fn kill() -> Outcome {
    let scratch = Scratch::new()?;
    let containment = Containment::open(scratch.path());
    let mut running = containment.spawn("selftest-kill", linger()).context("the system's shell did not start")?;
    let mut began = [0; 5];
    timeout(PATIENCE, running.stdout.read_exact(&mut began)).await.context("a command said nothing")??;
    let all_gone = running.tree.kill().await;
    timeout(PATIENCE, running.child.wait()).await.context("a killed command did not end")??;
    if !all_gone {
        return Err(wrong("a process of a killed command is still there"));
    }
    Ok(format!("a killed command left nothing behind ({})", containment.mechanism()))
}

/// Whether a process that hides is held too.
pub(super) fn contained() -> Outcome {
    Containment::support()?;
    let scratch = Scratch::new()?;
    Ok(Containment::open(scratch.path()).mechanism().to_owned())
}
