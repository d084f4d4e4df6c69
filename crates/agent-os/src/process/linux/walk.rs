//! Processes found by looking at all of them: those that carry a command's variable in their first environment, and the
//! descendants of its shell.
//!
//! Without cgroups this is all there is; the agent then adopts orphans, so that a daemon of a command stays among its own
//! descendants and is reaped. With cgroups it finds the processes that left their group. One that leaves its parents and
//! either empties its environment or changes its user escapes the look.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::sync::PoisonError;
use std::time::Duration;

use nix::sys::signal::{Signal, kill as send};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, Uid, getsid};
use tokio::time::{Instant, sleep};

use super::super::{COMMAND_VARIABLE, KILL_PATIENCE, KILL_POLL};
use super::Shells;
use super::tag::{TAG_VARIABLE, Tag};

/// Processes as they were once: id and time of their start, since an id alone may be another process's later.
pub(super) type Seen = HashMap<u32, u64>;

/// How often, and how soon, a process without environment is looked at again.
const BECOMING_LOOKS: u32 = 2;
const BECOMING_PAUSE: Duration = Duration::from_millis(1);

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

/// Ends all processes of a command and those `seen` before that still live, and waits until they are gone; returns whether
/// they are.
pub(super) async fn kill(id: &str, tag: &Tag, shell: Option<u32>, mut seen: Seen, shells: &Shells) -> bool {
    let deadline = Instant::now() + KILL_PATIENCE;
    loop {
        seen = members(id, tag, shell, &seen);
        if seen.is_empty() {
            return true;
        }
        // stopped first, so that none forks while the others die
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for pid in seen.keys() {
                let _ = send(Pid::from_raw(*pid as i32), signal);
            }
        }
        reap_orphans(shells);
        if Instant::now() >= deadline {
            tracing::error!(processes = seen.len(), "some processes of a command could not be ended");
            return false;
        }
        sleep(KILL_POLL).await;
    }
}

/// Collects dead processes that this one adopted, if it does. The shells, and what else the agent starts in its own session, have
/// somebody who waits for them.
pub(super) fn reap_orphans(shells: &Shells) {
    if !nix::sys::prctl::get_child_subreaper().unwrap_or(false) {
        return;
    }
    let own = std::process::id();
    let session = getsid(None).map_or(0, Pid::as_raw);
    for pid in pids() {
        if stat(pid).is_some_and(|stat| stat.is_dead && stat.parent == own && stat.session != session) {
            let shells = shells.lock().unwrap_or_else(PoisonError::into_inner);
            if !shells.contains(&pid) {
                let _ = waitpid(Pid::from_raw(pid as i32), Some(WaitPidFlag::WNOHANG));
            }
        }
    }
}

/// All living processes of a command, never the agent itself. `seen` names some from an earlier look.
pub(super) fn members(id: &str, tag: &Tag, shell: Option<u32>, seen: &Seen) -> Seen {
    let own = std::process::id();
    let alive: Vec<_> =
        pids().filter_map(|pid| Some((pid, stat(pid)?))).filter(|(pid, stat)| !stat.is_dead && *pid != own).collect();
    let is_member = |pid: u32, stat: &Stat| {
        Some(pid) == shell
            || seen.get(&pid) == Some(&stat.started)
            || marked(pid, tag).is_some_and(|marked| marked == id)
    };
    let mut members: Seen =
        alive.iter().filter(|(pid, stat)| is_member(*pid, stat)).map(|(pid, stat)| (*pid, stat.started)).collect();
    loop {
        let before = members.len();
        for (pid, stat) in &alive {
            if members.contains_key(&stat.parent) {
                members.insert(*pid, stat.started);
            }
        }
        if members.len() == before {
            return members;
        }
    }
}

/// The command that a process belongs to by its first environment. Other users write what they like into theirs.
fn marked(pid: u32, tag: &Tag) -> Option<String> {
    let environment = environment(pid)?;
    let value = |name: &str| {
        let prefix = format!("{name}=");
        environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(prefix.as_bytes()))
    };
    (value(TAG_VARIABLE)? == tag.to_string().as_bytes()).then_some(())?;
    let id = String::from_utf8(value(COMMAND_VARIABLE)?.to_vec()).ok()?;
    (real_user(pid)? == Uid::current().as_raw()).then_some(id)
}

/// Empty of a thread of the kernel, and for a moment of a process that is just becoming another program: that one is asked again.
fn environment(pid: u32) -> Option<Vec<u8>> {
    let read = || fs::read(format!("/proc/{pid}/environ")).ok();
    for _ in 0..BECOMING_LOOKS {
        let environment = read()?;
        if !environment.is_empty() || fs::read_link(format!("/proc/{pid}/exe")).is_err() {
            return Some(environment);
        }
        std::thread::sleep(BECOMING_PAUSE);
    }
    read()
}

/// Who started a process: a program with the set-user-id bit still belongs to the user who called it.
fn real_user(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

struct Stat {
    is_dead: bool,
    parent: u32,
    session: i32,
    started: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    stat_of(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

fn stat_of(line: &[u8]) -> Option<Stat> {
    // the name before may hold spaces and parentheses
    let end = line.iter().rposition(|byte| *byte == b')')?;
    let text = std::str::from_utf8(line.get(end + 2..)?).ok()?;
    let mut fields = text.split_whitespace();
    let is_dead = matches!(fields.next()?, "Z" | "X");
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    Some(Stat { is_dead, parent, session, started: fields.nth(15)?.parse().ok()? })
}

fn pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_it_is_called() {
        let line = b"42 (a) R (b) Z 7 42 41 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 98765 0 0\n";
        let stat = stat_of(line).unwrap();
        assert_eq!((stat.parent, stat.session, stat.is_dead, stat.started), (7, 41, true, 98765));
    }

    #[test]
    fn an_id_that_another_process_has_now_is_no_member() {
        let mut stranger = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let tag = Tag::of(std::path::Path::new("/nowhere"));
        let started = stat(stranger.id()).unwrap().started;
        let look = |started| members("none", &tag, None, &Seen::from([(stranger.id(), started)]));
        assert!(look(started - 1).is_empty());
        assert_eq!(look(started).len(), 1);
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
}
