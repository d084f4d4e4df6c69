//! Child programs that end with us.

use std::{
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, ExitStatus},
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

use crate::process;

pub(crate) const POLL: Duration = Duration::from_millis(50);
/// The server's orderly end includes the database's.
const STOP_PATIENCE: Duration = Duration::from_mins(1);
/// What is left of it once the user asks again.
const INSISTED_PATIENCE: Duration = Duration::from_secs(5);

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

    /// Signals that nobody sends.
    pub(crate) fn none() -> Self {
        Self { count: Arc::default() }
    }

    #[cfg(test)]
    pub(crate) fn raise(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn received(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 0
    }

    /// A second Ctrl-C: the user does not want to wait.
    fn insists(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 1
    }
}

/// A command for a child, in `/` and without what the caller's environment would configure. On Linux the child is asked to
/// end when this process is gone, however that happened.
pub(crate) fn program(path: &Path) -> Command {
    let setpriv = Path::new("/usr/bin/setpriv");
    let mut command = if cfg!(target_os = "linux") && setpriv.exists() {
        let mut command = Command::new(setpriv);
        command.args(["--pdeathsig", "TERM", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    process::clean(&mut command).current_dir("/");
    command
}

/// A program in a process group of its own, so that the terminal's Ctrl-C reaches it only through us.
pub(crate) struct Child {
    name: &'static str,
    child: std::process::Child,
}

impl Child {
    /// Starts it. Whoever calls this lives on: to the kernel the parent is the thread.
    pub(crate) fn start(name: &'static str, mut command: Command) -> Result<Self> {
        let child = command.process_group(0).spawn().with_context(|| format!("could not start {name}"))?;
        Ok(Self { name, child })
    }

    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// How it ended, once it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end, once more when the user insists, and kills it when it takes too long.
    fn end(&mut self, signals: &Signals, insisted_patience: Duration) {
        self.signal(Signal::SIGTERM);
        let mut deadline = Instant::now() + STOP_PATIENCE;
        let mut was_insisted = false;
        while self.is_running() {
            if signals.insists() && !was_insisted {
                was_insisted = true;
                self.signal(Signal::SIGTERM);
                deadline = Instant::now() + insisted_patience;
            }
            if Instant::now() > deadline {
                self.signal(Signal::SIGKILL);
                self.child.wait().ok();
                return;
            }
            thread::sleep(POLL);
        }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).ok();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.is_running() {
            self.end(&Signals::none(), INSISTED_PATIENCE);
        }
    }
}

/// Ends the children in the given order. An error names the one that ended before it was asked to.
pub(crate) fn stop<'a>(signals: &Signals, children: impl IntoIterator<Item = &'a mut Child>) -> Result<()> {
    let mut ended_early = None;
    for child in children {
        match child.ended() {
            Some(status) if !signals.received() => {
                ended_early = Some(format!("{} has ended by itself ({status})", child.name));
            }
            Some(_) => {}
            None => child.end(signals, INSISTED_PATIENCE),
        }
    }
    match ended_early {
        Some(reason) => bail!(reason),
        None => Ok(()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn shell(script: &str) -> Child {
        let mut command = program(Path::new("/bin/sh"));
        command.args(["-c", script]);
        Child::start("the shell", command).unwrap()
    }

    fn wait_until(mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !holds() {
            assert!(Instant::now() < deadline, "waited in vain");
            thread::sleep(POLL);
        }
    }

    #[test]
    fn a_child_that_ends_by_itself_is_an_error_and_the_other_is_stopped() {
        let signals = Signals::none();
        let mut children = vec![shell("exit 3"), shell("while :; do sleep 1; done")];
        wait_until(|| !children[0].is_running());
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
        wait_until(|| ready.exists());
        stop(&signals, [&mut polite]).unwrap();
        assert!(heard.exists());
    }

    #[test]
    fn a_second_signal_is_passed_on_before_anything_is_killed() {
        let signals = Signals::none();
        signals.raise();
        signals.raise();
        let dir = tempfile::tempdir().unwrap();
        let (ready, heard) = (dir.path().join("ready"), dir.path().join("heard"));
        // ends at the second request
        let script = format!(
            "trap 'trap \"echo > {}; exit 0\" TERM; echo > {}.once' TERM; echo > {}; while :; do sleep 0.1; done",
            heard.display(),
            ready.display(),
            ready.display()
        );
        let mut slow = shell(&script);
        wait_until(|| ready.exists());
        slow.signal(Signal::SIGTERM);
        wait_until(|| dir.path().join("ready.once").exists());
        slow.end(&signals, Duration::from_secs(30));
        assert!(heard.exists());
    }

    #[test]
    fn what_does_not_want_to_end_is_killed_when_the_user_insists() {
        let signals = Signals::none();
        signals.raise();
        signals.raise();
        let mut stubborn = shell("trap '' TERM; while :; do sleep 1; done");
        stubborn.end(&signals, Duration::from_millis(200));
        assert!(!stubborn.is_running());
    }

    #[test]
    fn a_child_does_not_outlive_a_parent_that_was_killed() {
        let dir = tempfile::tempdir().unwrap();
        let ready = dir.path().join("ready");
        let script = format!("echo > {}; while :; do sleep 1; done", ready.display());
        // to the kernel the thread is the parent, and its end is as sudden as that of a killed process
        let parent = thread::spawn(move || {
            let child = shell(&script);
            wait_until(|| ready.exists());
            child
        });
        let mut orphan = parent.join().unwrap();
        wait_until(|| !orphan.is_running());
    }
}
