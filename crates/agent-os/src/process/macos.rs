#![expect(unsafe_code, reason = "the groups of an account have no safe wrapper here")]
//! macOS: the system offers no container, so a tree is the shell's process group and session, and its descendants.

use std::collections::HashSet;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use gururmm_fsx::FileError;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Gid, Pid, Uid, setgid, setuid};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
pub use tokio::process::{Child as Shell, ChildStderr as Stderr, ChildStdout as Stdout};
use tokio::time::{Instant, sleep};

use super::host::{Request, VERB, argument, code};
use super::prepare::Prepared;
use super::script::Script;
use super::{COMMAND_VARIABLE, Ended, KILL_PATIENCE, KILL_POLL, PRIVATE_VARIABLES, Running, status};
use crate::Unsupported;
use crate::interpreter::Launch;
use crate::session::Person;

/// What shells add to the number of a signal.
const SIGNALLED: i32 = 128;

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
        let Prepared { mut program, script } = match &launch.person {
            None => prepared(launch, Path::new(&self.folder), id)?,
            Some(person) => Prepared { program: host_of(person)?, script: None },
        };
        program.current_dir("/").process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        for variable in PRIVATE_VARIABLES {
            program.env_remove(variable);
        }
        if launch.person.is_none() {
            program.envs(&launch.environment);
        }
        program.env(COMMAND_VARIABLE, id).env(FOLDER_VARIABLE, &self.folder);
        let mut child = program.spawn()?;
        if let Some(person) = &launch.person
            && let Some(mut input) = child.stdin.take()
        {
            let mut told = launch.clone();
            for (name, value) in variables_of(person) {
                told.environment.entry(name).or_insert(value);
            }
            let request = Request::line(id, &told)?;
            tokio::spawn(async move { input.write_all(&request).await });
        }
        let tree = Tree { shell: child.id(), id: id.to_owned(), folder: self.folder.clone(), script };
        super::into_running(child, tree)
    }
}

/// A command of this system, as a program.
pub(super) fn prepared(launch: &Launch, folder: &Path, id: &str) -> io::Result<Prepared> {
    launch.prepare(folder, id)
}

/// The code of a process, as shells tell one that a signal ended.
pub(super) fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| SIGNALLED + status.signal().unwrap_or_default())
}

/// This program in the session of a person, still as root: it becomes that person itself.
fn host_of(person: &Person) -> io::Result<Command> {
    let mut program = Command::new("/bin/launchctl");
    let account = format!("{}:{}", person.uid, person.gid);
    program.args(["asuser", &person.uid.to_string()]).arg(std::env::current_exe()?).args([VERB, &account]);
    program.stdin(Stdio::piped());
    // that of the system is nobody else's
    program.env_remove("TMPDIR");
    Ok(program)
}

/// Works as a host, if this program was started as one; then it does not come back.
pub fn host() {
    if let Some(account) = argument() {
        std::process::exit(code(serve(&account), io::stderr()));
    }
}

fn serve(account: &str) -> io::Result<ExitStatus> {
    let numbers = account.split_once(':').and_then(|(uid, gid)| Some((uid.parse().ok()?, gid.parse().ok()?)));
    become_person(numbers.ok_or_else(|| io::Error::other("it is not said whose session it is"))?)?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let mut request = Request::read(&line)?;
    let folder = std::env::temp_dir();
    let variables = &mut request.launch.environment;
    variables.entry("TMPDIR".to_owned()).or_insert_with(|| folder.display().to_string());
    if let Some(home) = variables.get("HOME") {
        std::env::set_current_dir(home)?;
    }
    request.run(&folder, (Stdio::inherit(), Stdio::inherit()), |_| Ok(()))
}

/// What programs of a person find in their environment.
fn variables_of(person: &Person) -> [(String, String); 4] {
    let (home, shell) = (person.home.display().to_string(), person.shell.display().to_string());
    let all = [("HOME", home), ("SHELL", shell), ("USER", person.name.clone()), ("LOGNAME", person.name.clone())];
    all.map(|(name, value)| (name.to_owned(), value))
}

/// Gives up the rights of root for those of an account and its one group, for good. Nobody is asked who that is: in the session of a person that
/// person may be who answers.
fn become_person((uid, gid): (u32, u32)) -> io::Result<()> {
    let groups = [gid];
    // SAFETY: as many groups as are told
    if unsafe { libc::setgroups(1, groups.as_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    setgid(Gid::from_raw(gid))?;
    setuid(Uid::from_raw(uid))?;
    if Uid::effective().is_root() || setuid(Uid::from_raw(0)).is_ok() {
        return Err(io::Error::other("the rights of root could not be given up"));
    }
    Ok(())
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
