use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use gururmm_protocol::metrics::Metrics;
use sysinfo::System;

use super::surveyed::{Own, Survey};
use super::{User, ioreg, short};
use crate::Unsupported;

pub(super) struct Platform {
    survey: Survey,
    processors: Option<System>,
}

impl Platform {
    pub(super) fn start() -> Self {
        // Ethernet and Wi-Fi are en0, en1, …; bridges and tunnels carry the same bytes again
        Self { survey: Survey::start(|name| name.starts_with("en")), processors: System::new().ok() }
    }

    pub(super) fn sample(&mut self, interval: Duration) -> Metrics {
        let cpu_percent = self.processors.as_mut().map_or(0.0, |processors| {
            processors.refresh_cpu_usage();
            processors.global_cpu_usage()
        });
        let load = System::load_average().ok().map(|load| [load.one, load.five, load.fifteen]);
        self.survey.sample(interval, Own { cpu_percent, load, user: console_user() })
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the same signature on every system")]
pub(super) fn idle_support() -> Result<(), Unsupported> {
    Ok(())
}

/// The owner of the console; at the login window and during the first set-up it is no person.
fn console_user() -> Option<User> {
    let uid = std::fs::metadata("/dev/console").ok()?.uid();
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)).ok()??;
    let is_person = uid != 0 && user.name != "_mbsetupuser";
    is_person.then(|| User { name: short(&user.name), idle_seconds: idle_seconds() })
}

/// Of the whole machine: the input devices know no users.
fn idle_seconds() -> Option<u64> {
    let output = Command::new("/usr/sbin/ioreg")
        .args(["-c", "IOHIDSystem", "-d", "4"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    ioreg::hid_idle_seconds(&String::from_utf8_lossy(&output.stdout))
}
