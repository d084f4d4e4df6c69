#![expect(unsafe_code, reason = "threads that wait have no safe wrapper")]
//! Windows: a job object per command. The shell is made suspended and joins its job before its first instruction; the job
//! ends all its processes when the agent dies, however that happens, so there are never leftovers.

mod host;
mod job;
mod shell;

use std::io;
use std::mem::size_of;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use gururmm_fsx::FileError;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};
use windows::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
use windows::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows::Win32::System::Threading::{
    CREATE_NO_WINDOW, CREATE_SUSPENDED, OpenThread, ResumeThread, THREAD_SUSPEND_RESUME,
};

use super::prepare::Prepared;
use super::script::Script;
use super::{COMMAND_VARIABLE, Ended, KILL_PATIENCE, KILL_POLL, PRIVATE_VARIABLES, Running, status};
use crate::Unsupported;
use crate::interpreter::{Launch, Reads};
pub use host::host;
use job::Job;
pub use shell::{Shell, Stream as Stdout, Stream as Stderr};

/// Exit code of processes that are ended with their tree.
const ENDED: u32 = 1;

/// What makes well-known programs write UTF-8 into a pipe.
const SPEAKS_UTF8: [(&str, &str); 1] = [("PYTHONIOENCODING", "utf-8")];

/// Before every command: its output is UTF-8, as everybody else's is, instead of the code page of this country.
const SPEAK_UTF8: &str = "chcp 65001 >nul 2>&1";

/// Starts commands and holds their trees.
#[derive(Debug)]
pub struct Containment {
    /// Where the texts of commands go that have several lines.
    scripts: PathBuf,
}

/// A command's processes.
#[derive(Debug)]
pub struct Tree {
    held: Held,
    /// Gone with the command.
    #[expect(dead_code, reason = "held for its drop")]
    script: Option<Script>,
}

/// By what the processes of a command are held.
#[derive(Debug)]
enum Held {
    /// By their job.
    Job(Job),
    /// By the host that holds it, in the session of a person.
    Host(Arc<host::Host>),
}

impl Containment {
    /// Commands of several lines are kept in the state folder while they run.
    pub fn open(state_dir: &Path) -> Self {
        Self { scripts: state_dir.to_owned() }
    }

    /// As the service runs commands.
    #[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
    pub fn of_service(state_dir: &Path) -> Result<Self, Unsupported> {
        Ok(Self::open(state_dir))
    }

    /// Whether commands can be started at all.
    #[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
    pub fn shell_support() -> Result<(), Unsupported> {
        Ok(())
    }

    /// Whether a tree can be held against a process that hides.
    pub fn support() -> Result<(), Unsupported> {
        Ok(())
    }

    /// How trees are held, for the log.
    pub fn mechanism(&self) -> &'static str {
        "job object"
    }

    /// There are no processes: the system ends a job with its last handle. Their texts go.
    pub async fn end_leftovers(&self, _is_leftover: impl Fn(&str) -> bool) -> usize {
        super::script::sweep(&self.scripts);
        0
    }

    /// There is nothing to tidy: a job goes with its last handle.
    pub fn tidy(&self) {}

    /// Starts a shell with `command`. `id` must be unique; both output streams are pipes.
    pub fn spawn(&self, id: &str, command: &str) -> io::Result<Running> {
        self.start(id, &Launch::shell(command).map_err(io::Error::other)?)
    }

    /// Starts a command. `id` must be unique; both output streams are pipes.
    pub fn start(&self, id: &str, launch: &Launch) -> io::Result<Running> {
        if let Some(person) = &launch.person {
            check_arguments(launch)?;
            return host::start(id, launch, person);
        }
        let Prepared { mut program, script } = prepared(launch, &self.scripts, id)?;
        let job = Job::create()?;
        program.creation_flags(CREATE_SUSPENDED.0 | CREATE_NO_WINDOW.0);
        program.stdout(Stdio::piped()).stderr(Stdio::piped());
        for variable in PRIVATE_VARIABLES {
            program.env_remove(variable);
        }
        program.envs(&launch.environment).env(COMMAND_VARIABLE, id);
        let mut child = program.spawn()?;
        if let Err(error) = join_and_resume(&job, &child) {
            // it never ran
            let _ = child.start_kill();
            return Err(error);
        }
        super::into_running(child, Tree { held: Held::Job(job), script })
    }
}

/// A command of this system, as a program.
pub(super) fn prepared(launch: &Launch, folder: &Path, id: &str) -> io::Result<Prepared> {
    check_arguments(launch)?;
    let mut prepared = match launch.interpreter.reads {
        Reads::Line => shell_of(launch, folder, id)?,
        _ => launch.prepare(folder, id)?,
    };
    prepared.program.envs(SPEAKS_UTF8);
    Ok(prepared)
}

/// The code of a process.
pub(super) fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_default()
}

fn check_arguments(launch: &Launch) -> io::Result<()> {
    if !is_for_cmd(launch) || launch.arguments.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(
        "cmd would read arguments as a part of its line; give variables and use !NAME! after `setlocal EnableDelayedExpansion`",
    ))
}

/// `cmd` with a text. Of a command line it reads no more than the first line: several are a batch file.
fn shell_of(launch: &Launch, folder: &Path, id: &str) -> io::Result<Prepared> {
    let script = match launch.text.contains(['\r', '\n']) {
        true => Some(batch(folder, id, &launch.text)?),
        false => None,
    };
    let line = match &script {
        Some(script) => format!("\"{}\"", script.path().display()),
        None => format!("{SPEAK_UTF8} & {}", launch.text),
    };
    let mut program = Command::new(&launch.interpreter.program);
    // /S: only the first and the last quote are removed, what is between stays as it is
    program.raw_arg(format!("/D /S /C \"{line}\"")).stdin(Stdio::null());
    Ok(Prepared { program, script })
}

fn batch(folder: &Path, id: &str, command: &str) -> io::Result<Script> {
    let lines: Vec<&str> = command.trim_matches(['\r', '\n']).lines().collect();
    let text = format!("@echo off\r\n{SPEAK_UTF8}\r\n{}\r\n", lines.join("\r\n"));
    Script::write(folder, &format!("{id}.cmd"), &text).map_err(io::Error::other)
}

/// Whether its reader is `cmd`, which reads arguments as a part of its line, whoever has quoted them.
fn is_for_cmd(launch: &Launch) -> bool {
    match launch.interpreter.reads {
        Reads::Line => true,
        Reads::File(form) => form.suffix == "cmd",
        Reads::Input => false,
    }
}

/// Nothing is noted in the state folder.
#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub fn forget(_state_dir: &Path) -> Result<(), FileError> {
    Ok(())
}

impl Tree {
    /// How the command ended, from how its shell did.
    #[expect(clippy::unused_async, reason = "the same signature on every system")]
    pub async fn ended(&self, exit: ExitStatus) -> Ended {
        status::ended(exit)
    }

    /// Ends every process of the command and waits until they are gone; returns whether they are, in time.
    pub async fn kill(&self) -> bool {
        let job = match &self.held {
            Held::Job(job) => job,
            Held::Host(host) => return host.kill().await,
        };
        let deadline = Instant::now() + KILL_PATIENCE;
        loop {
            let terminated = job.terminate(ENDED);
            let active = job.active();
            if active == Some(0) {
                return true;
            }
            if Instant::now() >= deadline {
                let error = terminated.err().map(tracing::field::display);
                tracing::error!(processes = active, error, "some processes of a command could not be ended");
                return false;
            }
            sleep(KILL_POLL).await;
        }
    }

    /// The shell was waited for. A job needs no ids.
    pub fn shell_collected(&mut self) {}

    /// The command ended by itself; what it left running on purpose stays.
    pub fn release(self) {
        if let Held::Job(job) = &self.held
            && let Err(error) = job.limit(false)
        {
            tracing::warn!(%error, "what a command left running ends with it");
        }
    }
}

fn handle(owned: &OwnedHandle) -> HANDLE {
    HANDLE(owned.as_raw_handle())
}

fn join_and_resume(job: &Job, child: &Child) -> io::Result<()> {
    let process = child.raw_handle().ok_or_else(|| io::Error::other("the shell has ended before it began"))?;
    job.take(HANDLE(process))?;
    let id = child.id().ok_or_else(|| io::Error::other("the shell has ended before it began"))?;
    resume(id)
}

/// Resumes the only thread of a process that was made suspended.
fn resume(process: u32) -> io::Result<()> {
    // SAFETY: takes no pointers
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) }?;
    if snapshot == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle was just made and belongs to nobody else
    let owned = unsafe { OwnedHandle::from_raw_handle(snapshot.0) };
    let mut entry = THREADENTRY32 { dwSize: size_of::<THREADENTRY32>() as u32, ..Default::default() };
    // SAFETY: the snapshot is open and the entry says how large it is
    let mut more = unsafe { Thread32First(handle(&owned), &raw mut entry) }.is_ok();
    while more {
        if entry.th32OwnerProcessID == process {
            // SAFETY: takes no pointers
            let thread = unsafe { OpenThread(THREAD_SUSPEND_RESUME, false, entry.th32ThreadID) }?;
            // SAFETY: the handle was just made and belongs to nobody else
            let thread = unsafe { OwnedHandle::from_raw_handle(thread.0) };
            // SAFETY: the handle is an open thread with the right to resume it
            if unsafe { ResumeThread(handle(&thread)) } == u32::MAX {
                return Err(io::Error::last_os_error());
            }
            return Ok(());
        }
        // SAFETY: as for the first
        more = unsafe { Thread32Next(handle(&owned), &raw mut entry) }.is_ok();
    }
    Err(io::Error::other("the shell has no thread to resume"))
}
