//! Starting, taking over and stopping the process that serves a cluster.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{Binaries, Error, account::Account, pidfile, pidfile::PidFile, probe, socket};

const POLL: Duration = Duration::from_millis(15);
/// Recovery after a power cut may have to replay much.
const START_PATIENCE: Duration = Duration::from_mins(5);
/// A survivor that may just be finishing its own start.
const ADOPT_PATIENCE: Duration = Duration::from_secs(20);
/// Each way to stop, from polite to final, with the time it gets.
const STOP: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(20)),
    (Signal::SIGQUIT, Duration::from_secs(10)),
    (Signal::SIGKILL, Duration::from_secs(10)),
];

/// What a start needs to know.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) data: &'a Path,
    pub(crate) binaries: &'a Binaries,
    pub(crate) account: &'a Account,
    /// Where the socket should be, when its path is short enough.
    pub(crate) socket_dir: &'a Path,
    /// What the postmaster says before its own log begins.
    pub(crate) first_log: &'a Path,
    pub(crate) options: &'a [&'a str],
}

/// A running postmaster.
#[derive(Debug)]
pub(crate) struct Postmaster {
    data: PathBuf,
    pid: i32,
    socket_dir: PathBuf,
    /// Set when this process is its parent and must reap it.
    child: Option<Child>,
}

impl Postmaster {
    /// The postmaster that already serves `data`, once it answers. One that is alive but does not answer is stopped.
    pub(crate) fn adopt(data: &Path) -> Result<Option<Self>, Error> {
        let deadline = Instant::now() + ADOPT_PATIENCE;
        loop {
            let Some(found) = PidFile::read(data).filter(|found| found.is_live(data)) else { return Ok(None) };
            let mut postmaster =
                Self { data: data.to_owned(), pid: found.pid, socket_dir: found.socket_dir.clone(), child: None };
            let socket = socket::path(&found.socket_dir);
            if probe::answers(&socket) {
                return Ok(Some(postmaster));
            }
            let is_lost = found.ready && !socket.exists();
            if is_lost || Instant::now() > deadline {
                tracing::warn!(pid = found.pid, "a PostgreSQL that was left over does not answer; it is stopped");
                postmaster.stop()?;
                return Ok(None);
            }
            thread::sleep(POLL);
        }
    }

    /// Starts a postmaster and waits until it answers.
    pub(crate) fn start(start: &Start<'_>) -> Result<Self, Error> {
        remove_stale(start.data)?;
        let socket_dir = socket::make_dir(start.socket_dir, start.account)?;
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            let child = spawn(start, &socket_dir)?;
            let pid = i32::try_from(child.id()).unwrap_or(i32::MAX);
            let data = start.data.to_owned();
            let mut postmaster = Self { data, pid, socket_dir: socket_dir.clone(), child: Some(child) };
            match postmaster.wait_until_ready(deadline)? {
                Readiness::Ready => return Ok(postmaster),
                Readiness::Ended => {}
            }
            let detail = last_words(start);
            // Children of a killed postmaster notice within moments and hold its shared memory until then.
            if !detail.contains("shared memory block") || Instant::now() > deadline {
                socket::remove_dir(&socket_dir);
                return Err(Error::NotStarted { detail });
            }
            thread::sleep(POLL);
        }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    pub(crate) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// Whether the process still exists. Reaps it when it was ours and has ended.
    pub(crate) fn is_running(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => pidfile::serves(self.pid, &self.data),
        }
    }

    /// Lets the postmaster outlive this process and this value.
    pub(crate) fn leave_running(mut self) {
        self.child = None;
    }

    /// Stops it: open sessions are ended, data is safe. Bounded in time.
    pub(crate) fn stop(&mut self) -> Result<(), Error> {
        for (signal, patience) in STOP {
            if !self.is_running() {
                break;
            }
            let _ = kill(Pid::from_raw(self.pid), signal);
            let deadline = Instant::now() + patience;
            while self.is_running() && Instant::now() < deadline {
                thread::sleep(POLL);
            }
        }
        if self.is_running() {
            return Err(Error::NotStopped { pid: self.pid });
        }
        socket::remove_dir(&self.socket_dir);
        Ok(())
    }

    fn wait_until_ready(&mut self, deadline: Instant) -> Result<Readiness, Error> {
        let socket = socket::path(&self.socket_dir);
        loop {
            if !self.is_running() {
                return Ok(Readiness::Ended);
            }
            let says_ready = PidFile::read(&self.data).is_some_and(|file| file.pid == self.pid && file.ready);
            if says_ready && probe::answers(&socket) {
                return Ok(Readiness::Ready);
            }
            if Instant::now() > deadline {
                self.stop()?;
                let detail = format!("it did not answer within {} s", START_PATIENCE.as_secs());
                return Err(Error::NotStarted { detail });
            }
            thread::sleep(POLL);
        }
    }
}

enum Readiness {
    Ready,
    Ended,
}

/// PostgreSQL itself believes a stale file when its process id belongs to someone else's process by now.
fn remove_stale(data: &Path) -> Result<(), Error> {
    let path = pidfile::path(data);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove the stale", path)(error)),
        _ => Ok(()),
    }
}

fn spawn(start: &Start<'_>, socket_dir: &Path) -> Result<Child, Error> {
    let log = File::create(start.first_log).map_err(Error::io("write", start.first_log))?;
    let copy = log.try_clone().map_err(Error::io("write", start.first_log))?;
    let mut sockets = std::ffi::OsString::from("unix_socket_directories=");
    sockets.push(quoted(socket_dir));
    let mut command = start.account.command(&start.binaries.postgres());
    command.arg("-D").arg(start.data).arg("-c").arg(sockets);
    let port = format!("port={}", socket::PORT);
    for option in ["listen_addresses=", "unix_socket_permissions=0700", port.as_str()].iter().chain(start.options) {
        command.args(["-c", option]);
    }
    command.stdout(Stdio::from(copy)).stderr(Stdio::from(log));
    command.spawn().map_err(|error| Error::NotStarted { detail: error.to_string() })
}

/// The setting is a list: quotes keep commas and spaces inside one path.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.to_string_lossy().replace('"', "\"\""))
}

/// The last messages of a postmaster that ended.
fn last_words(start: &Start<'_>) -> String {
    let mut text = fs::read_to_string(start.first_log).unwrap_or_default();
    if let Some(log) = newest_file(&start.data.join("log")) {
        text.push_str(&fs::read_to_string(log).unwrap_or_default());
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains("HINT:  Future log output")).collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

fn newest_file(dir: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(dir).ok()?;
    entries.flatten().max_by_key(|entry| entry.metadata().and_then(|m| m.modified()).ok()).map(|entry| entry.path())
}
