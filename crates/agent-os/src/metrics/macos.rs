use std::time::Duration;

use gururmm_protocol::metrics::Metrics;
use sysinfo::System;

use super::surveyed::{Own, Survey};

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
        self.survey.sample(interval, Own { cpu_percent, load, logged_in_user: console_user() })
    }
}

/// The owner of the console; root owns it at the login window.
fn console_user() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let uid = std::fs::metadata("/dev/console").ok()?.uid();
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)).ok()??;
    (uid != 0).then_some(user.name)
}
