#![expect(unsafe_code, reason = "joining the cgroup must happen between fork and exec")]
//! Starting a shell that is a member of its cgroup before its first instruction.

use std::io;
use std::os::fd::AsRawFd as _;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::super::{COMMAND_VARIABLE, PRIVATE_VARIABLES};
use super::cgroup::Group;
use super::tag::{TAG_VARIABLE, Tag};

pub(super) fn shell(id: &str, tag: &Tag, command: &str, group: Option<&Group>) -> io::Result<Child> {
    let members = group.map(Group::open_members).transpose()?;
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).current_dir("/");
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in PRIVATE_VARIABLES {
        shell.env_remove(variable);
    }
    shell.env(COMMAND_VARIABLE, id).env(TAG_VARIABLE, tag.to_string());
    let join = move || {
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
        Ok(())
    };
    // SAFETY: the closure only makes system calls that are safe between fork and exec, and does not allocate
    unsafe { shell.pre_exec(join) };
    shell.spawn()
}
