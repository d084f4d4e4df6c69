//! `postmaster.pid`: what a running postmaster says about itself.
//!
//! The file survives a crash, and after a reboot its process id may belong to anything. An entry counts only when that
//! process is a postgres that was started for this data directory.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The parts of the file that matter here. Format: the comment "Contents of the data directory lock file" in PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    pub(crate) socket_dir: PathBuf,
    pub(crate) ready: bool,
}

impl PidFile {
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(path(data)).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let pid: i32 = lines.first()?.parse().ok()?;
        Some(Self {
            // a negative id marks a single-user backend
            pid: pid.abs(),
            socket_dir: lines.get(4).copied().unwrap_or_default().into(),
            ready: lines.get(7) == Some(&"ready"),
        })
    }

    /// Whether the process is alive and serves `data`.
    pub(crate) fn is_live(&self, data: &Path) -> bool {
        serves(self.pid, data)
    }
}

pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// Whether the process `pid` is a postgres for `data`. A zombie has no arguments and does not count.
pub(crate) fn serves(pid: i32, data: &Path) -> bool {
    let wanted = data.to_string_lossy();
    let arguments = arguments(pid);
    arguments.contains("postgres") && arguments.contains(wanted.as_ref())
}

fn arguments(pid: i32) -> String {
    let proc = Path::new("/proc/self/cmdline");
    if proc.exists() {
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        return String::from_utf8_lossy(&bytes).replace('\0', " ");
    }
    let output = Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNING: &str = "4192\n/var/lib/x/postgres\n1795250000\n5432\n/var/lib/x/run\n\n  5432001   \nready   \n";

    #[test]
    fn a_running_postmaster_is_read() {
        let read = PidFile::parse(RUNNING).unwrap();
        assert_eq!(read, PidFile { pid: 4192, socket_dir: "/var/lib/x/run".into(), ready: true });
    }

    #[test]
    fn a_file_that_is_just_being_written_is_not_ready() {
        assert!(!PidFile::parse("4192\n/var/lib/x/postgres\n").unwrap().ready);
        assert_eq!(PidFile::parse(""), None);
    }

    #[test]
    fn another_process_with_that_id_does_not_count() {
        let pid = i32::try_from(std::process::id()).unwrap();
        assert!(!serves(pid, Path::new("/nonexistent/postgres")));
    }
}
