//! Child programs that end with us.

use std::{
    os::unix::process::CommandExt as _,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

const POLL: Duration = Duration::from_millis(50);
const STOP_PATIENCE: Duration = Duration::from_mins(1);

/// The signals that mean "stop", taken away from their default effect.
pub(crate) struct Signals {
    count: Arc<AtomicUsize>,
}

impl Signals {
    /// Counts them from now on. Handlers, other than blocked signals, are not inherited by children.
    pub(crate) fn catch() -> Result<Self> {
        let mut incoming =
            signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]).context("could not handle signals")?;
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        thread::spawn(move || {
            for _ in incoming.forever() {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Self { count })
    }

    pub(crate) fn received(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 0
    }

    /// A second Ctrl-C: the user does not want to wait.
    fn insists(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 1
    }
}

/// A program in a process group of its own, so that the terminal's Ctrl-C reaches it only through us.
pub(crate) struct Child {
    name: &'static str,
    child: std::process::Child,
}

impl Child {
    pub(crate) fn start(name: &'static str, mut command: Command) -> Result<Self> {
        let child = command.process_group(0).spawn().with_context(|| format!("could not start {name}"))?;
        Ok(Self { name, child })
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn signal(&self, signal: Signal) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.is_running() {
            self.signal(Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

/// Returns when a stop was asked for or one of the children ended.
pub(crate) fn wait_for_any(signals: &Signals, children: &mut [Child]) {
    while !signals.received() && children.iter_mut().all(Child::is_running) {
        thread::sleep(POLL);
    }
}

/// Ends the children in the given order. An error names the one that ended before it was asked to.
pub(crate) fn stop<'a>(signals: &Signals, children: impl IntoIterator<Item = &'a mut Child>) -> Result<()> {
    let mut ended_early = None;
    for child in children {
        if !child.is_running() {
            if !signals.received() {
                let status = child.child.wait()?;
                ended_early = Some(format!("{} has ended by itself ({status})", child.name));
            }
            continue;
        }
        child.signal(Signal::SIGTERM);
        let deadline = Instant::now() + STOP_PATIENCE;
        while child.is_running() {
            if signals.insists() || Instant::now() > deadline {
                child.signal(Signal::SIGKILL);
                child.child.wait()?;
                break;
            }
            thread::sleep(POLL);
        }
    }
    match ended_early {
        Some(reason) => bail!(reason),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Child::start("the shell", command).unwrap()
    }

    #[test]
    fn a_child_that_ends_by_itself_is_an_error_and_the_other_is_stopped() {
        let signals = Signals { count: Arc::default() };
        let mut children = vec![shell("exit 3"), shell("while :; do sleep 1; done")];
        wait_for_any(&signals, &mut children);
        let error = stop(&signals, &mut children).unwrap_err().to_string();
        assert!(error.contains("the shell has ended by itself") && error.contains('3'), "{error}");
        assert!(!children[1].is_running());
    }

    #[test]
    fn children_hear_the_signal_that_we_catch() {
        let signals = Signals::catch().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (ready, heard) = (dir.path().join("ready"), dir.path().join("heard"));
        let script = format!(
            "trap 'echo > {}; exit 0' TERM; echo > {}; while :; do sleep 0.1; done",
            heard.display(),
            ready.display()
        );
        let mut polite = shell(&script);
        while !ready.exists() {
            assert!(polite.is_running());
            thread::sleep(POLL);
        }
        stop(&signals, [&mut polite]).unwrap();
        assert!(heard.exists());
    }

    #[test]
    fn a_second_signal_kills_what_does_not_want_to_end() {
        let signals = Signals { count: Arc::new(AtomicUsize::new(2)) };
        let mut stubborn = shell("trap '' TERM; while :; do sleep 1; done");
        stop(&signals, [&mut stubborn]).unwrap();
        assert!(!stubborn.is_running());
    }
}
