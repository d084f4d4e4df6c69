#![expect(unsafe_code, reason = "joining the cgroup must happen between fork and exec")]
//! Starting a program that is a member of its cgroup before its first instruction, and in the surroundings of an administrator
//! who logged in rather than of the agent's service: usual umask, no protection from the system's want of memory, a home.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::io;
use std::os::fd::AsRawFd as _;
use std::process::Stdio;

use nix::unistd::{Uid, User};
use tokio::process::{Child, Command};

use super::super::{COMMAND_VARIABLE, PRIVATE_VARIABLES};
use super::cgroup::Group;
use super::tag::{TAG_VARIABLE, Tag};
use crate::interpreter;

const UMASK: libc::mode_t = 0o022;
const OOM_SCORE: &CStr = c"/proc/self/oom_score_adj";

/// Variables that a service manager may leave out and that programs expect.
pub(super) type Defaults = Vec<(&'static str, String)>;

/// What this process lacks of them.
pub(super) fn defaults() -> Defaults {
    let is_missing = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
    let wanted = account().into_iter().chain([("PATH", interpreter::PATH.to_owned())]);
    wanted.filter(|(name, _)| is_missing(name)).collect()
}

/// Those that a login sets from the account.
pub(super) fn account() -> Defaults {
    let Some(user) = User::from_uid(Uid::effective()).ok().flatten() else { return Vec::new() };
    vec![
        ("HOME", user.dir.display().to_string()),
        ("SHELL", user.shell.display().to_string()),
        ("USER", user.name.clone()),
        ("LOGNAME", user.name),
    ]
}

/// Starts a program in its group, with what a login would give it.
pub(super) fn start(
    id: &str,
    tag: &Tag,
    mut program: Command,
    environment: &BTreeMap<String, String>,
    group: Option<&Group>,
    defaults: &Defaults,
) -> io::Result<Child> {
    let members = group.map(Group::open_members).transpose()?;
    program.current_dir("/").stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in PRIVATE_VARIABLES {
        program.env_remove(variable);
    }
    program.envs(defaults.iter().map(|(name, value)| (name, value))).envs(environment);
    program.env(COMMAND_VARIABLE, id).env(TAG_VARIABLE, tag.to_string());
    let prepare = move || {
        // SAFETY: setsid has no preconditions, and a forked child is no group leader
        if unsafe { libc::setsid() } < 0 {
            return Err(io::Error::last_os_error());
        }
        if let Some(members) = &members {
            // SAFETY: the descriptor is open and the buffer is one byte long; 0 means the writer itself
            let written = unsafe { libc::write(members.as_raw_fd(), b"0".as_ptr().cast(), 1) };
            if written != 1 {
                return Err(io::Error::last_os_error());
            }
        }
        // SAFETY: umask has no preconditions and cannot fail
        unsafe { libc::umask(UMASK) };
        usual_oom_score();
        Ok(())
    };
    // SAFETY: the closure only makes system calls that are safe between fork and exec, and does not allocate
    unsafe { program.pre_exec(prepare) };
    program.spawn()
}

/// The agent may be spared when memory is short; what it runs for others is not. Where this is not allowed, nothing was
/// spared before either.
fn usual_oom_score() {
    // SAFETY: the path is a constant with a terminating zero
    let file = unsafe { libc::open(OOM_SCORE.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC) };
    if file >= 0 {
        // SAFETY: the descriptor was just opened and the buffer is one byte long
        unsafe { libc::write(file, b"0".as_ptr().cast(), 1) };
        // SAFETY: the descriptor belongs to nobody else
        unsafe { libc::close(file) };
    }
}
