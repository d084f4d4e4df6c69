//! Without cgroups: a command's processes are those that carry its variable in their first environment, and the descendants
//! of its shell. The agent adopts orphans, so that a daemon of a command stays among its own descendants and is reaped.
//! A process that both leaves its parents and empties its environment escapes.

use std::collections::HashSet;
use std::fs;
use std::sync::PoisonError;

use nix::sys::signal::{Signal, kill as send};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

use super::super::{COMMAND_VARIABLE, KILL_PATIENCE, KILL_POLL};
use super::Shells;
use super::tag::{TAG_VARIABLE, Tag};

/// Makes this process the parent of orphaned descendants.
pub(super) fn adopt_orphans() {
    if let Err(error) = nix::sys::prctl::set_child_subreaper(true) {
        tracing::warn!(%error, "could not become the reaper of orphaned processes");
    }
}

/// Ids of the commands of this agent that have any process.
pub(super) fn marked_commands(tag: &Tag) -> HashSet<String> {
    let own = std::process::id();
    pids().filter(|pid| *pid != own).filter_map(|pid| marked(pid, tag)).collect()
}

/// Ends all processes of a command and waits until they are gone; returns whether they are.
pub(super) async fn kill(id: &str, tag: &Tag, shell: Option<u32>, shells: &Shells) -> bool {
    let deadline = Instant::now() + KILL_PATIENCE;
    loop {
        let members = members(id, tag, shell);
        if members.is_empty() {
            return true;
        }
        // stopped first, so that none forks while the others die
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for pid in &members {
                let _ = send(Pid::from_raw(*pid as i32), signal);
            }
        }
        reap_orphans(shells);
        if Instant::now() >= deadline {
            tracing::error!(processes = members.len(), "some processes of a command could not be ended");
            return false;
        }
        sleep(KILL_POLL).await;
    }
}

/// Collects dead processes that this one adopted. The shells are the runtime's to wait for.
pub(super) fn reap_orphans(shells: &Shells) {
    let own = std::process::id();
    for pid in pids() {
        if stat(pid).is_some_and(|stat| stat.is_dead && stat.parent == own) {
            let shells = shells.lock().unwrap_or_else(PoisonError::into_inner);
            if !shells.contains(&pid) {
                let _ = waitpid(Pid::from_raw(pid as i32), Some(WaitPidFlag::WNOHANG));
            }
        }
    }
}

/// All living processes of a command, never the agent itself.
fn members(id: &str, tag: &Tag, shell: Option<u32>) -> HashSet<u32> {
    let own = std::process::id();
    let alive: Vec<_> =
        pids().filter_map(|pid| Some((pid, stat(pid)?))).filter(|(pid, stat)| !stat.is_dead && *pid != own).collect();
    let mut members: HashSet<u32> = alive
        .iter()
        .map(|(pid, _)| *pid)
        .filter(|pid| Some(*pid) == shell || marked(*pid, tag).is_some_and(|marked| marked == id))
        .collect();
    loop {
        let before = members.len();
        for (pid, stat) in &alive {
            if members.contains(&stat.parent) {
                members.insert(*pid);
            }
        }
        if members.len() == before {
            return members;
        }
    }
}

/// The command that a process belongs to by its first environment.
fn marked(pid: u32, tag: &Tag) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    let value = |name: &str| {
        let prefix = format!("{name}=");
        environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(prefix.as_bytes()))
    };
    (value(TAG_VARIABLE)? == tag.to_string().as_bytes()).then_some(())?;
    String::from_utf8(value(COMMAND_VARIABLE)?.to_vec()).ok()
}

struct Stat {
    parent: u32,
    is_dead: bool,
}

fn stat(pid: u32) -> Option<Stat> {
    let bytes = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let end = bytes.iter().rposition(|byte| *byte == b')')?;
    let text = std::str::from_utf8(bytes.get(end + 2..)?).ok()?;
    let mut fields = text.split(' ');
    let is_dead = matches!(fields.next()?, "Z" | "X");
    Some(Stat { parent: fields.next()?.parse().ok()?, is_dead })
}

fn pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}
