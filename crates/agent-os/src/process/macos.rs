//! macOS: the system offers no container, so a tree is the shell's process group and session, and its descendants.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use gururmm_fsx::FileError;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};
use tokio::time::{Instant, sleep};

use super::prepare::Prepared;
use super::script::Script;
use super::{COMMAND_VARIABLE, Ended, KILL_PATIENCE, KILL_POLL, PRIVATE_VARIABLES, Running, status};
use crate::Unsupported;
use crate::interpreter::Launch;

/// In the environment of every command: the agent's state folder.
const FOLDER_VARIABLE: &str = "GURURMM_STATE_DIR";

/// Starts commands and ends their trees.
#[derive(Debug)]
pub struct Containment {
    folder: String,
}

/// A command's processes.
#[derive(Debug)]
pub struct Tree {
    /// Until it was waited for.
    shell: Option<u32>,
    id: String,
    folder: String,
    /// Gone with the command.
    #[expect(dead_code, reason = "held for its drop")]
    script: Option<Script>,
}

impl Containment {
    /// `state_dir` tells this agent's commands from another's.
    pub fn open(state_dir: &Path) -> Self {
        Self { folder: state_dir.display().to_string() }
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
        Err(Unsupported::because("macOS has no container: a process that leaves its session and its parents escapes"))
    }

    /// How trees are held, for the log.
    pub fn mechanism(&self) -> &'static str {
        "process tree"
    }

    /// Ends the processes of commands of an agent that died, chosen by id. Returns how many commands had any.
    pub async fn end_leftovers(&self, is_leftover: impl Fn(&str) -> bool) -> usize {
        super::script::sweep(Path::new(&self.folder));
        let found: HashSet<_> =
            marked(&self.folder).into_iter().map(|(id, _)| id).filter(|id| is_leftover(id)).collect();
        for id in &found {
            end(id, &self.folder, None).await;
        }
        found.len()
    }

    /// There is nothing to tidy: the system collects orphans, and there are no groups.
    pub fn tidy(&self) {}

    /// Starts a shell with `command`. `id` must be unique; both output streams are pipes.
    pub fn spawn(&self, id: &str, command: &str) -> io::Result<Running> {
        self.start(id, &Launch::shell(command).map_err(io::Error::other)?)
    }

    /// Starts a command. `id` must be unique; both output streams are pipes.
    pub fn start(&self, id: &str, launch: &Launch) -> io::Result<Running> {
        super::needs_no_session(launch)?;
        let Prepared { mut program, script } = launch.prepare(Path::new(&self.folder), id)?;
        program.current_dir("/").process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        for variable in PRIVATE_VARIABLES {
            program.env_remove(variable);
        }
        program.envs(&launch.environment).env(COMMAND_VARIABLE, id).env(FOLDER_VARIABLE, &self.folder);
        let child = program.spawn()?;
        let tree = Tree { shell: child.id(), id: id.to_owned(), folder: self.folder.clone(), script };
        super::into_running(child, tree)
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
        if let Some(shell) = self.shell {
            let _ = killpg(Pid::from_raw(shell as i32), Signal::SIGKILL);
        }
        end(&self.id, &self.folder, self.shell).await
    }

    /// The shell was waited for: from now on its id may be another process's.
    pub fn shell_collected(&mut self) {
        self.shell = None;
    }

    /// The command ended by itself; what it left running on purpose stays.
    pub fn release(self) {}
}

/// Returns whether all are gone in time.
async fn end(id: &str, folder: &str, shell: Option<u32>) -> bool {
    let deadline = Instant::now() + KILL_PATIENCE;
    loop {
        let members = members(id, folder, shell);
        if members.is_empty() {
            return true;
        }
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for pid in &members {
                let _ = kill(Pid::from_raw(*pid as i32), signal);
            }
        }
        if Instant::now() >= deadline {
            tracing::error!(processes = members.len(), "some processes of a command could not be ended");
            return false;
        }
        sleep(KILL_POLL).await;
    }
}

fn snapshot(environment: bool) -> Option<System> {
    let mut system = System::new().ok()?;
    let wanted = ProcessRefreshKind::nothing();
    let wanted = if environment { wanted.with_environ(UpdateKind::Always) } else { wanted };
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, wanted);
    Some(system)
}

/// Commands of this agent, and their processes, by their environment.
fn marked(folder: &str) -> Vec<(String, u32)> {
    let Some(system) = snapshot(true) else { return Vec::new() };
    let own = std::process::id();
    let value = |process: &sysinfo::Process, name: &str| {
        let prefix = format!("{name}=");
        process.environ().iter().find_map(|entry| entry.to_str()?.strip_prefix(&prefix).map(str::to_owned))
    };
    system
        .processes()
        .iter()
        .filter(|(pid, process)| pid.as_u32() != own && value(process, FOLDER_VARIABLE).as_deref() == Some(folder))
        .filter_map(|(pid, process)| Some((value(process, COMMAND_VARIABLE)?, pid.as_u32())))
        .collect()
}

fn members(id: &str, folder: &str, shell: Option<u32>) -> HashSet<u32> {
    let mut members: HashSet<u32> =
        marked(folder).into_iter().filter(|(marked, _)| marked == id).map(|(_, pid)| pid).collect();
    let Some(system) = snapshot(false) else { return members };
    members.extend(shell);
    loop {
        let before = members.len();
        for (pid, process) in system.processes() {
            if process.parent().is_some_and(|parent| members.contains(&parent.as_u32())) {
                members.insert(pid.as_u32());
            }
        }
        if members.len() == before {
            break;
        }
    }
    let is_alive = |pid: &u32| {
        let process = system.process(sysinfo::Pid::from_u32(*pid));
        process.is_some_and(|process| !matches!(process.status(), sysinfo::ProcessStatus::Zombie))
    };
    members.retain(is_alive);
    members
}
